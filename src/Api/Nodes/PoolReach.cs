namespace GpuMem.Api.Nodes;

/// <summary>
/// Which pools a pod could be scheduled to, by its node selector, required node affinity, tolerations and node name. Where it is not known,
/// for a node that does not exist yet, the answer is yes: a pool wrongly counted in can only prevent a rejection, never cause one.
/// </summary>
public static class PoolReach
{
    /// <param name="pod">The pod; null, without constraints, reaches every pool.</param>
    /// <param name="resourceName">The GPU resource that it asks for; null when it asks for none yet.</param>
    public static PoolInventory Of(PoolInventory inventory, V1PodSpec? pod, string? resourceName) => new([.. inventory.Entries
        .Where(entry => resourceName is null || entry.Pool.ResourceName == resourceName)
        .Select(entry => pod is null ? entry : Reached(pod, entry))
        .OfType<PoolEntry>()]);

    private static PoolEntry? Reached(V1PodSpec pod, PoolEntry entry)
    {
        if (entry.Nodes.Any(node => CanReach(pod, node)))
            return entry;
        return MayGetNodes(entry) && CouldReachNewNode(pod, entry) ? entry.ByNewNode : null;
    }

    private static bool MayGetNodes(PoolEntry entry) => entry.Pool.MayGrow || entry.Nodes.Count == 0 || entry.Pool.MaxNodes > entry.Pool.Nodes;

    /// <summary>A node that does not exist yet has the pool's labels; its zone and whatever else it will have, nobody knows.</summary>
    private static bool CouldReachNewNode(V1PodSpec pod, PoolEntry entry) => string.IsNullOrEmpty(pod.NodeName)
        && Tolerates(pod, entry.Taints)
        && NodeAffinity.CouldAllowNewNode(pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, entry.NodeSelector)
        && (pod.NodeSelector ?? new Dictionary<string, string>()).All(wanted => LabelOfNewNode(entry, wanted.Key) is not { } label || label == wanted.Value);

    /// <summary>The pool's own label, or one on which all its nodes agree but for where they stand; null when unknown.</summary>
    private static string? LabelOfNewNode(PoolEntry entry, string key)
    {
        if (entry.NodeSelector.TryGetValue(key, out var own))
            return own;
        if (entry.Nodes.Count == 0 || key.StartsWith("topology.kubernetes.io/", StringComparison.Ordinal) || key == "kubernetes.io/hostname")
            return null;
        var first = entry.Nodes[0].Labels[key];
        return entry.Nodes.All(node => node.Labels[key] == first) ? first ?? "" : null;
    }

    private static bool CanReach(V1PodSpec pod, GpuNode node)
    {
        if (pod.NodeName is { Length: > 0 } name)
            return node.Name == name;
        return (pod.NodeSelector ?? new Dictionary<string, string>()).All(wanted => node.Labels[wanted.Key] == wanted.Value)
            && NodeAffinity.Allows(pod.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution, node)
            && Tolerates(pod, node.Taints);
    }

    private static bool Tolerates(V1PodSpec pod, IEnumerable<NodeTaint> taints) => taints
        .Where(taint => taint.Effect is "NoSchedule" or "NoExecute")
        // A node that is not ready, or cordoned, today may be tomorrow: the memory of its GPUs is what counts here.
        .Where(taint => taint.Key?.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) == false)
        // The admission plugin ExtendedResourceToleration adds this one to pods that ask for the resource, after us.
        .Where(taint => !GpuResources.IsGpu(taint.Key ?? ""))
        .All(taint => (pod.Tolerations ?? []).OfType<V1Toleration>().Any(toleration => Tolerates(toleration, taint)));

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
