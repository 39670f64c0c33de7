namespace GpuMem.Api.Cluster;

/// <summary>Keeps of a node what planning reads. Full nodes cost gigabytes in large clusters (NVIDIA/NVSentinel#1512).</summary>
internal static class NodeTrim
{
    public static V1Node Trim(V1Node node) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = node.Name(),
            Uid = node.Uid(),
            ResourceVersion = node.ResourceVersion(),
            Labels = node.Labels(),
        },
        Spec = node.Spec is null ? null : new V1NodeSpec { Taints = node.Spec.Taints },
        Status = node.Status is null ? null : new V1NodeStatus { Allocatable = Extended(node.Status.Allocatable), Capacity = Extended(node.Status.Capacity) },
    };

    /// <summary>Nothing that planning reads differs: heartbeats and conditions change all the time.</summary>
    public static bool SameForPlanning(V1Node old, V1Node now) =>
        Same(old.Labels(), now.Labels())
        && Same(old.Status?.Allocatable, now.Status?.Allocatable)
        && Same(old.Status?.Capacity, now.Status?.Capacity)
        && (old.Spec?.Taints ?? []).Select(Key).SequenceEqual((now.Spec?.Taints ?? []).Select(Key));

    /// <summary>GPUs are extended resources, which have a domain in their name; cpu, memory and pods have none.</summary>
    private static Dictionary<string, ResourceQuantity>? Extended(IDictionary<string, ResourceQuantity>? resources) =>
        resources?.Where(resource => resource.Key.Contains('/', StringComparison.Ordinal)).ToDictionary(StringComparer.Ordinal);

    private static (string?, string?, string?) Key(V1Taint taint) => (taint.Key, taint.Value, taint.Effect);

    private static bool Same<T>(IDictionary<string, T>? old, IDictionary<string, T>? now)
        where T : IEquatable<T>
    {
        if ((old?.Count ?? 0) != (now?.Count ?? 0))
            return false;
        return old is null || old.All(pair => now!.TryGetValue(pair.Key, out var value) && pair.Value.Equals(value));
    }
}
