using System.Net;
using System.Text.Json.Nodes;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>
/// What the autoscalers and queues of a cluster say of nodes that need not exist yet. They may come, go and change while it is read again and again: a kind
/// that the API server does not serve, or not to us, is asked for less often.
/// </summary>
/// <param name="client">Where to ask.</param>
/// <param name="time">The clock.</param>
internal sealed class TemplateLists(IKubernetesClient client, TimeProvider time)
{
    /// <summary>How long a kind that was not there is not asked for.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(10);

    /// <summary>Each kind in its versions, the newest first.</summary>
    private static readonly EntityMetadata[][] Kinds =
    [
        [new("karpenter.sh", "v1", "NodePool", "nodepools", EntityScope.Cluster)],
        [new("kueue.x-k8s.io", "v1beta2", "ResourceFlavor", "resourceflavors", EntityScope.Cluster), new("kueue.x-k8s.io", "v1beta1", "ResourceFlavor", "resourceflavors", EntityScope.Cluster)],
        [new("cluster.x-k8s.io", "v1beta2", "MachineDeployment", "machinedeployments"), new("cluster.x-k8s.io", "v1beta1", "MachineDeployment", "machinedeployments")],
        [new("cluster.x-k8s.io", "v1beta2", "MachinePool", "machinepools"), new("cluster.x-k8s.io", "v1beta1", "MachinePool", "machinepools")],
        [new("cluster.x-k8s.io", "v1beta2", "MachineSet", "machinesets"), new("cluster.x-k8s.io", "v1beta1", "MachineSet", "machinesets")],
    ];

    private readonly Dictionary<EntityMetadata[], IReadOnlyList<NodeTemplate>> _read = [];

    private readonly Dictionary<EntityMetadata[], long> _missed = [];

    /// <summary>Of all kinds, as they were read last. A kind that could not be read now stays as it was.</summary>
    public async Task<IReadOnlyList<NodeTemplate>> ReadAsync(CancellationToken cancellationToken)
    {
        foreach (var kind in Kinds)
        {
            if (_missed.TryGetValue(kind, out var at) && time.GetElapsedTime(at) < AskAgain)
                continue;
            try
            {
                if (await ReadAsync(kind, cancellationToken) is { } read)
                {
                    _read[kind] = read;
                    _missed.Remove(kind);
                    continue;
                }

                _read.Remove(kind);
                _missed[kind] = time.GetTimestamp();
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                // An API server that fails for a moment has not lost its node pools.
            }
        }

        return [.. Kinds.SelectMany(kind => _read.GetValueOrDefault(kind) ?? [])];
    }

    /// <summary>Null where no version of the kind is served, or not to us.</summary>
    private async Task<IReadOnlyList<NodeTemplate>?> ReadAsync(EntityMetadata[] versions, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var version in versions)
                if (await client.ListAsync(version, cancellationToken) is { } all)
                    return [.. all.Select(manifest => NodeTemplates.Read(Named(manifest, version))).OfType<NodeTemplate>()];
        }
        catch (KubernetesException refused) when (refused.StatusCode == HttpStatusCode.Forbidden)
        {
            // Somebody who may not see node pools may still see nodes.
        }

        return null;
    }

    /// <summary>Items of a list need not repeat what they are.</summary>
    private static JsonObject Named(JsonObject item, EntityMetadata type)
    {
        item["apiVersion"] = type.ApiVersion;
        item["kind"] = type.Kind;
        return item;
    }
}
