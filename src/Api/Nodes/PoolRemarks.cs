using GpuMem.Api.GpuPools;

namespace GpuMem.Api.Nodes;

/// <summary>What somebody should correct in the pools that were declared, a sentence each.</summary>
public static class PoolRemarks
{
    public static IReadOnlyList<string> Of(PoolInventory inventory, IReadOnlyCollection<GpuPool> declared) =>
    [
        .. inventory.Entries.Where(entry => entry.Ignored is not null || entry.Conflict is not null).Select(entry => $"GpuPool {entry.Pool.Name}: {entry.Remark}"),
        .. UnplannedPool.Of(declared, inventory).Select(pool => $"GpuPool {pool.Name}: {pool.Reason}"),
    ];
}
