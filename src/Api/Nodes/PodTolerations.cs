namespace GpuMem.Api.Nodes;

/// <summary>Which taints a pod puts up with, as the scheduler reads them.</summary>
internal static class PodTolerations
{
    /// <summary>Taints that keep pods away for good.</summary>
    public static bool Matters(NodeTaint taint) => taint.Effect is "NoSchedule" or "NoExecute"
        // A node that is not ready, or cordoned, today may be tomorrow: the memory of its GPUs is what counts here.
        && taint.Key?.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) == false
        // The admission plugin ExtendedResourceToleration adds this one to pods that ask for the resource, after us.
        && !GpuResources.IsGpu(taint.Key);

    public static bool Tolerate(IList<V1Toleration>? tolerations, IReadOnlyList<NodeTaint> taints)
    {
        foreach (var taint in taints)
            if (Matters(taint) && !Tolerate(tolerations, taint))
                return false;
        return true;
    }

    private static bool Tolerate(IList<V1Toleration>? tolerations, NodeTaint taint)
    {
        foreach (var toleration in tolerations ?? [])
            // A list in a file may have nulls.
            if (toleration is not null && Tolerates(toleration, taint))
                return true;
        return false;
    }

    private static bool Tolerates(V1Toleration toleration, NodeTaint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && toleration.OperatorProperty switch
        {
            "Exists" => string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key,
            null or "" or "Equal" => toleration.Key == taint.Key && (toleration.Value ?? "") == (taint.Value ?? ""),
            // An operator of a later Kubernetes: do not claim that the pod cannot get there.
            _ => toleration.Key == taint.Key,
        };
}
