using GpuMem.Api.GpuPools;

namespace GpuMem.Api.Nodes;

/// <summary>A pool that was declared and that nobody can plan for yet: it has no node, and does not say what its nodes would be.</summary>
/// <param name="Name">The GpuPool.</param>
/// <param name="Reason">What it takes to plan for it.</param>
public sealed record UnplannedPool(string Name, string Reason)
{
    /// <summary>Those that are declared and have no pool in the inventory, by name.</summary>
    public static IReadOnlyList<UnplannedPool> Of(IEnumerable<GpuPool> declared, PoolInventory inventory) => [.. declared
        .Where(pool => pool.Name() is { } name && inventory.Find(name) is null)
        .Select(pool => new UnplannedPool(pool.Name()!, Missing(Declaration.Read(pool.Spec ?? new GpuPoolSpec()))))
        .OrderBy(pool => pool.Name, StringComparer.Ordinal)];

    private static string Missing(Declaration declared)
    {
        string[] missing = [.. declared.Spec.Product is null ? (string[])["spec.product"] : [], .. declared.Spec.GpusPerNode is null ? (string[])["spec.gpusPerNode"] : []];
        var reason = $"no node belongs to it; to plan for it before it has one, declare {string.Join(" and ", missing)}";
        return declared.Ignored is { } ignored ? $"{reason} ({ignored})" : reason;
    }
}
