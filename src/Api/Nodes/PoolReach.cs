namespace GpuMem.Api.Nodes;

/// <summary>
/// Which pools a pod could be scheduled to, by its node selector, required node affinity, tolerations and node name. Where it is not known,
/// for a node that does not exist yet, the answer is yes: a pool wrongly counted in can only prevent a rejection, never cause one.
/// </summary>
public static class PoolReach
{
    /// <param name="pod">The pod; null, without constraints, reaches every pool.</param>
    /// <param name="resourceName">The GPU resource that it asks for; null when it asks for none yet.</param>
    public static PoolInventory Of(PoolInventory inventory, V1PodSpec? pod, string? resourceName) => new([.. inventory.Entries.Where(entry =>
        (resourceName is null || entry.Pool.ResourceName == resourceName) && (pod is null || CanReach(pod, entry)))]);

    private static bool CanReach(V1PodSpec pod, PoolEntry entry)
    {
        if (entry.Nodes.Count == 0)
            return Tolerates(pod, entry.Taints) && (pod.NodeSelector ?? new Dictionary<string, string>())
                .All(wanted => !entry.NodeSelector.TryGetValue(wanted.Key, out var label) || label == wanted.Value);
        var grows = entry.Pool.MayGrow || entry.Pool.MaxNodes > entry.Pool.Nodes;
        return entry.Nodes.Any(node => CanReach(pod, node.Node, grows));
    }

    /// <param name="orOneLikeIt">A node like this one may be added: of the same pool, with another zone, price or machine type.</param>
    private static bool CanReach(V1PodSpec pod, V1Node node, bool orOneLikeIt)
    {
        if (pod.NodeName is { Length: > 0 } name)
            return node.Name() == name;
        bool MayDiffer(string? key) => orOneLikeIt && key is not null && IsOfOneNode(key);
        return (pod.NodeSelector ?? new Dictionary<string, string>()).All(wanted => MayDiffer(wanted.Key) || node.GetLabel(wanted.Key) == wanted.Value)
            && NodeAffinity.Allows(pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, node, MayDiffer)
            && Tolerates(pod, node.Spec?.Taints ?? []);
    }

    /// <summary>Labels that autoscalers choose for each node; all others are the pool's.</summary>
    private static bool IsOfOneNode(string key) =>
        key is "node.kubernetes.io/instance-type" or "karpenter.sh/capacity-type"
        || key.StartsWith("topology.", StringComparison.Ordinal) || key.StartsWith("karpenter.k8s.", StringComparison.Ordinal);

    private static bool Tolerates(V1PodSpec pod, IEnumerable<V1Taint> taints) => taints
        .Where(taint => taint.Effect is "NoSchedule" or "NoExecute")
        // A node that is not ready, or cordoned, today may be tomorrow: the memory of its GPUs is what counts here.
        .Where(taint => taint.Key?.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) == false)
        // The admission plugin ExtendedResourceToleration adds this one to pods that ask for the resource, after us.
        .Where(taint => !GpuResources.IsGpu(taint.Key ?? ""))
        .All(taint => (pod.Tolerations ?? []).Any(toleration => Tolerates(toleration, taint)));

    private static bool Tolerates(V1Toleration toleration, V1Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && toleration.OperatorProperty switch
        {
            "Exists" => string.IsNullOrEmpty(toleration.Key) || toleration.Key == taint.Key,
            null or "" or "Equal" => toleration.Key == taint.Key && (toleration.Value ?? "") == (taint.Value ?? ""),
            // An operator of a later Kubernetes: do not claim that the pod cannot get there.
            _ => toleration.Key == taint.Key,
        };
}
