using GpuMem.Api.Cluster;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Estimation;

namespace GpuMem.Cli.Live;

/// <summary>What the fullest GPU of each job and server held at most, over those of its pods that still exist.</summary>
internal sealed class ObservedUse
{
    private readonly Dictionary<IPodDescription, Bytes> _fullest = [];

    /// <summary>Nothing was looked for.</summary>
    public static ObservedUse None { get; } = new();

    /// <param name="seen">What pods held.</param>
    /// <param name="client">Lists the pods, which tell what describes them.</param>
    /// <param name="ns">Their namespace; null for all.</param>
    /// <param name="cluster">The jobs and servers.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ObservedUse> ReadAsync(ObservedMemory seen, IKubernetesClient client, string? ns, IClusterState cluster, CancellationToken cancellationToken)
    {
        var use = new ObservedUse();
        HashSet<(string, string)> wanted = [.. seen.Pods];
        var pods = await client.ListAsync<V1Pod, V1ObjectMeta>(pod => wanted.Contains((pod.Namespace(), pod.Name())) ? pod.Metadata : null, new ListOptions(ns), cancellationToken: cancellationToken);
        foreach (var pod in pods.Items)
            if (PodTie.Of(new V1Pod { Metadata = pod }, pod.NamespaceProperty, cluster).Description is { } described && seen.FullestGpu(pod.NamespaceProperty, pod.Name) is { } held)
                use._fullest[described] = use.FullestGpu(described) is { } before ? Bytes.Max(before, held) : held;
        return use;
    }

    /// <summary>Null where nobody saw it.</summary>
    public Bytes? FullestGpu(IPodDescription described) => _fullest.TryGetValue(described, out var held) ? held : null;
}
