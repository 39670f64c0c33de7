using GpuMem.Api.Pods;

namespace GpuMem.Api.Nodes;

/// <summary>GPUs that no pod holds.</summary>
/// <param name="pods">Null when they are not known.</param>
public sealed class FreeGpus(IEnumerable<GpuPod>? pods)
{
    private readonly ILookup<(string Node, string Resource), long>? _held = pods?.ToLookup(pod => (pod.NodeName, pod.Gpus.ResourceName ?? ""), pod => pod.Gpus.Count);

    /// <summary>The pools with what is free in each.</summary>
    public PoolInventory Told(PoolInventory inventory) =>
        _held is null ? inventory : new PoolInventory([.. inventory.Entries.Select(entry => entry with { Pool = entry.Pool with { FreeGpus = In(entry) } })]) { Claims = inventory.Claims };

    /// <summary>Null when the pods are not known, or do not hold the pool's GPUs one by one: claims, parts of GPUs, and what is counted by another name.</summary>
    public long? In(PoolEntry entry) =>
        _held is null || !GpuResources.IsGpu(entry.Pool.ResourceName) || entry.Nodes.Any(node => node.IsClaimed || node.Source == MemorySource.DeviceRegister)
            ? null
            : Math.Max(0, entry.Gpus - entry.Nodes.Sum(node => _held[(node.Name, node.ResourceName)].Sum()));
}
