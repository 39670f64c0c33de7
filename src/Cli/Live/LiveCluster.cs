using System.Net;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using GpuMem.Cli.Pools;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Live;

/// <summary>A cluster, read once with the rights of whoever asks.</summary>
internal sealed class LiveCluster(IKubernetesClient client)
{
    /// <summary>Owners beyond it are a circle, or nothing that anybody makes.</summary>
    private const int MostOwners = 16;

    /// <summary>What is done in the namespace that was read, as its label says; null where it does not, and only the webhook's own flags would tell.</summary>
    public PolicyMode? Mode { get; private set; }

    /// <exception cref="UserErrorException">There is none.</exception>
    public async Task<JsonObject> GetAsync(EntityMetadata type, string name, string ns, CancellationToken cancellationToken) =>
        await client.GetAsync(type, name, ns, cancellationToken)
        ?? throw new UserErrorException($"there is no {type.Kind} '{name}' in namespace {ns}; kubectl get {type.Plural}{(type.Group.Length == 0 ? "" : $".{type.Group}")} -n {ns} lists those there are");

    /// <summary>The pools, and what describes jobs and servers in a namespace.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="owners">What owns whatever is asked about.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<FixedCluster> ReadAsync(string ns, IReadOnlyList<Workload> owners, CancellationToken cancellationToken)
    {
        var pools = await PoolSources.OfAsync(client, cancellationToken);
        var jobs = await ListAsync<TrainingJob>(ns, cancellationToken);
        var servers = await ListAsync<ModelServer>(ns, cancellationToken);
        var models = new ConfigMapModels(client);
        foreach (var described in jobs.Concat<IPodDescription>(servers))
            await models.RefreshAsync(described, cancellationToken);
        Mode = await ModeAsync(ns, cancellationToken);
        return new FixedCluster(pools.Inventory, jobs, servers, owners)
        {
            ConfigMaps = models,
            UsualMode = Mode ?? PolicyMode.Enforce,
        };
    }

    /// <summary>Of all namespaces where <paramref name="ns"/> is null.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(string? ns, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return (await client.ListAsync<T>(new ListOptions(ns), cancellationToken)).Items;
        }
        catch (GpuMem.Kubernetes.KubernetesException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
        {
            throw new UserErrorException($"the cluster does not know {typeof(T).Name}s: is GpuMem installed in it? (helm install gpumem charts/gpumem)");
        }
    }

    /// <summary>From the nearest to the top, as far as they can be read.</summary>
    public async Task<IReadOnlyList<Workload>> OwnersAsync(V1ObjectMeta metadata, string ns, CancellationToken cancellationToken)
    {
        List<Workload> owners = [];
        var next = metadata;
        while (owners.Count < MostOwners && next.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true) is { } owner && WorkloadKinds.Find(owner.ApiVersion, owner.Kind) is { } type)
        {
            if (await TryGetAsync(type, owner.Name, ns, cancellationToken) is not { } found || WorkloadReader.Read(found) is not { } workload)
                break;
            owners.Add(workload);
            next = workload.Metadata;
        }
        return owners;
    }

    /// <summary>What was told about an object, the oldest first.</summary>
    public async Task<IReadOnlyList<Eventsv1Event>> EventsAsync(string kind, string name, string ns, CancellationToken cancellationToken)
    {
        try
        {
            var all = await client.ListAsync<Eventsv1Event>(new ListOptions(ns, FieldSelector: $"regarding.name={name}"), cancellationToken);
            return [.. all.Items.Where(one => one.Regarding?.Kind == kind).OrderBy(At)];
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.NotFound)
        {
            return [];
        }
    }

    /// <summary>When it was told last.</summary>
    public static DateTime? At(Eventsv1Event one) => one.Series?.LastObservedTime ?? one.EventTime ?? one.DeprecatedLastTimestamp ?? one.Metadata?.CreationTimestamp;

    private async Task<PolicyMode?> ModeAsync(string ns, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync<V1Namespace>(ns, null, cancellationToken) is { } found ? NamespacePolicy.Read(found).Mode : null;
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private async Task<JsonObject?> TryGetAsync(EntityMetadata type, string name, string ns, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetAsync(type, name, ns, cancellationToken);
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
        {
            return null;
        }
    }
}
