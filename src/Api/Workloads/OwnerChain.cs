using GpuMem.Api.Cluster;

namespace GpuMem.Api.Workloads;

/// <summary>
/// The workloads that a pod belongs to, the nearest first: its controller, the controller of that, and so on. Owners that are known are followed; of one
/// that is not, the pod's labels tell, which the workloads' own controllers write, and else its name, which they make of their own.
/// </summary>
public static class OwnerChain
{
    /// <summary>More than any chain that exists: TrainJob, JobSet, Job and Pod are three steps. Owners may name each other in a circle.</summary>
    private const int Deepest = 8;

    /// <param name="metadata">Of a pod, or of a workload that may have an owner itself.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="cluster">The owners that are known.</param>
    /// <returns>Empty for what nothing controls.</returns>
    public static IReadOnlyList<V1OwnerReference> Of(V1ObjectMeta? metadata, string ns, IClusterState cluster)
    {
        List<V1OwnerReference> chain = [];
        for (var at = metadata; chain.Count < Deepest && Controller(at) is { } owner;)
        {
            chain.Add(owner);
            at = cluster.Owner(ns, owner);
            if (at is null)
            {
                chain.AddRange(OwnerLabels.Of(metadata));
                chain.AddRange(OwnerNames.Of(owner, metadata));
            }
        }

        return chain;
    }

    private static V1OwnerReference? Controller(V1ObjectMeta? metadata) => metadata?.OwnerReferences?.FirstOrDefault(owner => owner is { Controller: true });
}
