namespace GpuMem.Planning;

/// <summary>Large clusters have hundreds of pools and few kinds of them: pools that differ in nothing but name and price get the same candidate.</summary>
internal static class PoolKinds
{
    /// <summary>One pool of each kind, the one that <see cref="CandidateOrder"/> puts first whatever the job: the best of these is the best of all.</summary>
    public static IReadOnlyList<Pool> OneOfEach(IReadOnlyList<Pool> pools, Objective objective)
    {
        var first = new Dictionary<Pool, Pool>(pools.Count);
        foreach (var pool in pools)
        {
            var kind = pool with { Name = "", PricePerGpuHour = null };
            if (!first.TryGetValue(kind, out var best) || IsBefore(pool, best, objective))
                first[kind] = pool;
        }
        return [.. first.Values];
    }

    private static bool IsBefore(Pool pool, Pool other, Objective objective)
    {
        var order = objective == Objective.Cost ? CandidateOrder.ByPrice(pool.PricePerGpuHour, other.PricePerGpuHour) : 0;
        return order != 0 ? order < 0 : string.CompareOrdinal(pool.Name, other.Name) < 0;
    }
}
