using GpuMem.Api.Nodes.Claims;
using GpuMem.Catalogues.Gpus;
using GpuMem.Planning;

namespace GpuMem.Api.Nodes;

/// <summary>A pool as planning sees it, and what Kubernetes must be told to get a pod there.</summary>
public sealed record PoolEntry
{
    private IndexOf? _index;

    private DeviceOf? _device;

    public required Pool Pool { get; init; }

    /// <summary>Labels that a pod selects to land in this pool.</summary>
    public required IReadOnlyDictionary<string, string> NodeSelector { get; init; }

    public required IReadOnlyList<NodeTaint> Taints { get; init; }

    /// <summary>The nodes there are; empty for a declared pool at zero.</summary>
    public required IReadOnlyList<GpuNode> Nodes { get; init; }

    /// <summary>Made when a pod first asks for one of the nodes, if not before, by <see cref="Indexed"/>.</summary>
    internal NodeIndex Index => _index?.Nodes == Nodes ? _index.Index : (_index = new IndexOf(Nodes, new NodeIndex(Nodes))).Index;

    public required MemorySource Source { get; init; }

    /// <summary>Its devices are asked for by claims, not by a resource.</summary>
    public bool IsClaimed => Nodes.Count > 0 && Nodes[0].IsClaimed;

    /// <summary>What selectors of claims see of its devices; null where no driver has them.</summary>
    public DeviceFacts? Device => IsClaimed ? (_device?.Nodes == Nodes ? _device : _device = new DeviceOf(Nodes, DeviceFacts.Common([.. Nodes.Select(node => node.Device).OfType<DeviceFacts>().Distinct()]))).Device : null;

    /// <summary>What claims may get of its GPUs, all of one first; empty where no driver has them.</summary>
    internal IReadOnlyList<DeviceCut> Takable => Device is not { } device ? []
        : [new DeviceCut(Pool.Product, device, Pool.UsableMemory, Pool.LargestMemory, Pool.GpusPerNode), .. Nodes.SelectMany(node => node.Cuts).Distinct()];

    /// <summary>A pod that asks for this resource may get GPUs of this pool.</summary>
    internal bool Answers(string resource) => Pool.ResourceName == resource || (Nodes.Count > 0 && Nodes[0].AlsoOfferedAs == resource);

    /// <summary>GPUs that the pool's nodes have now.</summary>
    public long Gpus => Nodes.Sum(node => (long)node.Gpus);

    /// <summary>Why the memory is not known or, where it is, what was assumed; null when every node tells it.</summary>
    public string? Reason => Joined(Ignored, Source == MemorySource.Declared ? null
        : (Pool.UsableMemory is null ? Nodes.Where(node => node.UsableMemory is null) : Nodes).Select(node => node.Complaint).FirstOrDefault(complaint => complaint is not null)
            ?? (Pool.UsableMemory is null ? Undeclared : null));

    /// <summary>A pool without nodes has the product that was declared, maybe with a slip.</summary>
    private string Undeclared => $"the memory of {Pool.Product} is not known; declare spec.memoryPerGPU"
        + (Nodes.Count == 0 && ClosestGpus.To(Pool.Product) is { Count: > 0 } close ? $" or, as spec.product, {string.Join(" or ", close)}" : "");

    /// <summary>The same, and what is not as it was declared.</summary>
    public string? Remark => Joined(Conflict, Reason);

    /// <summary>What is declared of the pool and cannot be, and so does not count; null when nothing.</summary>
    public string? Ignored { get; init; }

    /// <summary>What is declared of the pool and is not so on its nodes; null when they agree.</summary>
    public string? Conflict { get; init; }

    /// <summary>The same, with its index: no pod is to wait for that.</summary>
    internal PoolEntry Indexed()
    {
        _ = (Index, Device);
        return this;
    }

    private static string? Joined(string? first, string? second) => first is null ? second : second is null ? first : $"{first}; {second}";

    /// <summary>No decision could tell it from the other.</summary>
    internal bool SaysTheSame(PoolEntry other) => Pool == other.Pool && Source == other.Source && Conflict == other.Conflict && Ignored == other.Ignored
        && Taints.SequenceEqual(other.Taints) && Nodes.SequenceEqual(other.Nodes)
        && NodeSelector.Count == other.NodeSelector.Count && NodeSelector.All(label => other.NodeSelector.GetValueOrDefault(label.Key) == label.Value);

    /// <summary>
    /// The pool for a pod that none of its nodes would take. A new node may have another GPU than those there are, it may be the very thing that
    /// the pod asks for: only what an administrator declared of all of them is known.
    /// </summary>
    internal PoolEntry ByNewNode => Nodes.Count == 0 || Source == MemorySource.Declared
        ? this
        : this with { Pool = Pool with { Unknown = $"no node of {Pool.Name} is what the pod asks for, and the GPU of a new one is not known" } };
}

/// <summary>An index, and the nodes that it is of: a copy of an entry may have others.</summary>
internal sealed record IndexOf(IReadOnlyList<GpuNode> Nodes, NodeIndex Index);

/// <summary>What the devices of nodes have in common, and the nodes.</summary>
internal sealed record DeviceOf(IReadOnlyList<GpuNode> Nodes, DeviceFacts Device);

/// <summary>All GPU pools at one moment. Immutable: a decision is made against one snapshot.</summary>
public sealed class PoolInventory(IReadOnlyList<PoolEntry> entries)
{
    public static readonly PoolInventory Empty = new([]);

    public IReadOnlyList<PoolEntry> Entries { get; } = entries;

    public IReadOnlyList<Pool> Pools { get; } = [.. entries.Select(entry => entry.Pool)];

    /// <summary>What pods' claims ask for, at the same moment.</summary>
    public DeviceClaims Claims { get; init; } = DeviceClaims.None;

    public PoolEntry? Find(string pool) => Entries.FirstOrDefault(entry => entry.Pool.Name == pool);
}
