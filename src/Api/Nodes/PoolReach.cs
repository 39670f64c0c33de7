using GpuMem.Api.Nodes.Capacity;
using GpuMem.Api.Nodes.Slices;

namespace GpuMem.Api.Nodes;

/// <summary>
/// Which pools a pod could be scheduled to, by its node selector, required node affinity, tolerations and node name. Where it is not known,
/// for a node that does not exist yet, the answer is yes: a pool wrongly counted in can only prevent a rejection, never cause one.
/// </summary>
public static class PoolReach
{
    /// <param name="pod">The pod; null, without constraints, reaches every pool.</param>
    /// <param name="resourceName">The GPU resource that it asks for; null when it asks for none yet: then any will do that it could be made to ask for.</param>
    /// <param name="claimedToo">Pools are named: one whose devices are claimed counts beside others.</param>
    public static PoolInventory Of(PoolInventory inventory, V1PodSpec? pod, string? resourceName, bool claimedToo = false)
    {
        var reached = new List<PoolEntry>(inventory.Entries.Count);
        foreach (var entry in inventory.Entries)
            if ((resourceName is null ? IsForAnyPod(entry) : entry.Answers(resourceName)) && (pod is null ? entry : Reached(pod, entry)) is { } found)
                reached.Add(found);
        return new PoolInventory(resourceName is null && !claimedToo && reached.Exists(entry => !entry.IsClaimed) ? reached.FindAll(entry => !entry.IsClaimed) : reached);
    }

    /// <summary>The pools that a pod could be scheduled to, of those that have what it claims.</summary>
    internal static PoolInventory OfClaims(PoolInventory inventory, V1PodSpec? pod, Func<PoolEntry, bool> hasClaimed) =>
        new([.. inventory.Entries.Where(hasClaimed).Select(entry => pod is null ? entry : Reached(pod, entry)).OfType<PoolEntry>()]);

    /// <summary>GPUs by claims, too, where there are no others; of accelerators of another kind, only those that a pod asks for by name.</summary>
    private static bool IsForAnyPod(PoolEntry entry) => entry.IsClaimed ? ResourceSlices.GpuDrivers.Contains(entry.Pool.ResourceName, StringComparer.Ordinal)
        // What goes to virtual machines takes a runtime that a pod must ask for.
        : !PassedThrough.IsNamed(entry.Pool.ResourceName) && (GpuResources.IsGpu(entry.Pool.ResourceName)
        || !(GpuResources.HasPool(entry.Pool.ResourceName) || (entry.Pool.UsableMemory is null && GpuResources.IsOther(entry.Pool.ResourceName, besideKnown: false))));

    private static PoolEntry? Reached(V1PodSpec pod, PoolEntry entry)
    {
        if (entry.Nodes.Count > 0 && ReachesNode(pod, entry.Index))
            return entry;
        return MayGetNodes(entry) && CouldReachNewNode(pod, entry) ? entry.ByNewNode : null;
    }

    private static bool MayGetNodes(PoolEntry entry) => entry.Pool.MayGrow || entry.Nodes.Count == 0 || entry.Pool.MaxNodes > entry.Pool.Nodes;

    /// <summary>A node that does not exist yet has the pool's labels; its zone and whatever else it will have, nobody knows.</summary>
    private static bool CouldReachNewNode(V1PodSpec pod, PoolEntry entry) => string.IsNullOrEmpty(pod.NodeName)
        && PodTolerations.Tolerate(pod.Tolerations, entry.Taints)
        && NodeAffinity.CouldAllowNewNode(NodeAffinity.Required(pod), entry.NodeSelector)
        && SelectsNewNode(pod.NodeSelector, entry);

    private static bool SelectsNewNode(IDictionary<string, string>? selector, PoolEntry entry)
    {
        if (selector is null)
            return true;
        foreach (var (key, own) in entry.NodeSelector)
            if (selector.TryGetValue(key, out var wanted) && wanted != own)
                return false;
        if (entry.Nodes.Count == 0)
            return true;
        foreach (var (key, wanted) in selector)
            if (!entry.NodeSelector.ContainsKey(key) && !DependsOnPlace(key) && entry.Index.Agrees(key, out var value) && (value ?? "") != wanted)
                return false;
        return true;
    }

    private static bool DependsOnPlace(string key) => key.StartsWith("topology.kubernetes.io/", StringComparison.Ordinal) || key == "kubernetes.io/hostname";

    private static bool ReachesNode(V1PodSpec pod, NodeIndex nodes)
    {
        if (pod.NodeName is { Length: > 0 } name)
            return nodes.Names.Has(name);
        // Null stands for all of them.
        NodeSet? left = null;
        foreach (var (key, value) in pod.NodeSelector ?? NoLabels)
            if (!Keep(ref left, Selected(nodes, key, value)))
                return false;
        return Keep(ref left, NodeAffinity.Allowed(NodeAffinity.Required(pod), nodes))
            && nodes.AnyTolerated(left, taints => PodTolerations.Tolerate(pod.Tolerations, taints));
    }

    private static readonly Dictionary<string, string> NoLabels = [];

    private static Found Selected(NodeIndex nodes, string key, string? value)
    {
        if (nodes.Agrees(key, out var all))
            return all == value ? Found.All : Found.None;
        return Found.Some(nodes.File(key)?.With(value) ?? nodes.Where(node => node.Labels[key] == value));
    }

    /// <returns>False when none are left.</returns>
    private static bool Keep(ref NodeSet? left, Found found)
    {
        if (found.IsNone)
            return false;
        if (found.Nodes is not { } some)
            return true;
        if (left is null)
            left = some;
        else
            left.IntersectWith(some);
        return !left.IsEmpty;
    }
}
