using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Workloads;
using GpuMem.Estimation;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Cli.Live;

/// <summary><c>gpumem explain TYPE/NAME</c>: what GpuMem says of an object of a cluster, term by term, what would fix it and what happened to it.</summary>
/// <param name="client">The cluster.</param>
/// <param name="ns">The namespace of the object.</param>
/// <param name="seen">What pods held of their GPUs; null where nobody looked.</param>
internal sealed class LiveExplanation(IKubernetesClient client, string ns, ObservedMemory? seen = null)
{
    private readonly LiveCluster _live = new(client);

    /// <param name="asked">What it is asked about, as <c>TYPE/NAME</c>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="UserErrorException">It is no such name, or there is no such object.</exception>
    public async Task<ExplainedObject> ReadAsync(string asked, CancellationToken cancellationToken)
    {
        var (type, name) = LiveKinds.Read(asked);
        var found = await _live.GetAsync(type, name, ns, cancellationToken);
        var explained = type == LiveKinds.TrainingJob || type == LiveKinds.ModelServer
            ? await DescriptionAsync(type, name, cancellationToken)
            : await WorkloadAsync(WorkloadReader.Read(found)!, type, cancellationToken);
        return explained with { Mode = _live.Mode, Events = await _live.EventsAsync(type.Kind, name, ns, cancellationToken) };
    }

    private async Task<ExplainedObject> DescriptionAsync(EntityMetadata type, string name, CancellationToken cancellationToken)
    {
        var cluster = await _live.ReadAsync(ns, [], cancellationToken);
        IPodDescription described = type == LiveKinds.TrainingJob ? cluster.FindJob(ns, name)! : cluster.FindServer(ns, name)!;
        return new ExplainedObject
        {
            Name = Name(type.Kind, name),
            Namespace = ns,
            Description = Name(type.Kind, name),
            Decision = described is TrainingJob job
                ? JobDecision.Of(job, cluster.Inventory, cluster.ConfigMaps)
                : ServerDecision.Of((ModelServer)described, cluster.Inventory, cluster.ConfigMaps),
            Observed = await ObservedAsync(described, cluster, cancellationToken),
        };
    }

    private async Task<ExplainedObject> WorkloadAsync(Workload workload, EntityMetadata type, CancellationToken cancellationToken)
    {
        var owners = await _live.OwnersAsync(workload.Metadata, ns, cancellationToken);
        var cluster = await _live.ReadAsync(ns, owners, cancellationToken);
        long GpusOf(V1Pod pod) => cluster.Inventory.Claims.GpusOf(pod, ns);
        var described = workload.Pods.Select(pods => (pods.Pod, PodTie.Of(pods.Pod.Metadata, workload, ns, cluster).Description)).FirstOrDefault(pods => pods.Description is not null);
        return new ExplainedObject
        {
            Name = Name(type.Kind, workload.Identity.Name),
            Namespace = ns,
            Answered = WorkloadReview.Validate(workload, ns, cluster),
            MadeBy = [.. owners.Select(owner => Name(owner.Identity.Kind, owner.Identity.Name))],
            Description = described.Description?.Name() is { } name ? Name(described.Description is TrainingJob ? nameof(TrainingJob) : nameof(ModelServer), name) : null,
            Decision = described.Description is { } description
                ? WorkloadDecision.Of(
                    description, described.Pod.Spec ?? new V1PodSpec(), cluster.Inventory, cluster.ConfigMaps, GpuShare.Of(described.Pod), GpusTogether.Of(workload, workload.Pods.Where(pods => GpusOf(pods.Pod) > 0), GpusOf))
                : null,
            Observed = workload.Identity.Kind == "Pod" ? Observed(seen?.FullestGpu(ns, workload.Identity.Name)) : await ObservedAsync(described.Description, cluster, cancellationToken),
        };
    }

    private async Task<(Bytes FullestGpu, string Over)?> ObservedAsync(IPodDescription? described, IClusterState cluster, CancellationToken cancellationToken) =>
        seen is null || described is null ? null : Observed((await ObservedUse.ReadAsync(seen, client, ns, cluster, cancellationToken)).FullestGpu(described));

    private (Bytes FullestGpu, string Over)? Observed(Bytes? held) => held is { } most ? (most, seen!.Over) : null;

    private static string Name(string kind, string name) => $"{kind.ToLowerInvariant()}/{name}";
}
