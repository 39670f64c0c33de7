using GpuMem.Planning;

namespace GpuMem.Api.Nodes;

/// <summary>A pool as planning sees it, and what Kubernetes must be told to get a pod there.</summary>
public sealed record PoolEntry
{
    public required Pool Pool { get; init; }

    /// <summary>Labels that a pod selects to land in this pool.</summary>
    public required IReadOnlyDictionary<string, string> NodeSelector { get; init; }

    public required IReadOnlyList<NodeTaint> Taints { get; init; }

    /// <summary>The nodes there are; empty for a declared pool at zero.</summary>
    public required IReadOnlyList<GpuNode> Nodes { get; init; }

    public required MemorySource Source { get; init; }
}

/// <summary>All GPU pools at one moment. Immutable: a decision is made against one snapshot.</summary>
public sealed class PoolInventory(IReadOnlyList<PoolEntry> entries)
{
    public static readonly PoolInventory Empty = new([]);

    public IReadOnlyList<PoolEntry> Entries { get; } = entries;

    public IReadOnlyList<Pool> Pools { get; } = [.. entries.Select(entry => entry.Pool)];

    public PoolEntry? Find(string pool) => Entries.FirstOrDefault(entry => entry.Pool.Name == pool);
}
