namespace GpuMem.Planning;

/// <summary>How many GPUs a pool sells at once, and how many of them each pod gets.</summary>
internal static class GpuCounts
{
    /// <summary>The most GPUs considered on a pool that may grow without a declared bound.</summary>
    private const long GrowthLimit = 8192;

    /// <summary>
    /// Counts that a pool sells, ascending: the parts of a node that divide it evenly, then whole nodes. Asking a pool of 8-GPU nodes for 3
    /// gives a pod that strands 5 or never schedules (aws/karpenter-provider-aws#7038), so counts between are rounded up by leaving them out.
    /// </summary>
    public static IEnumerable<long> Sold(Pool pool, int? gpusPerPod, bool beyondCapacity)
    {
        if (pool.GpusPerNode <= 0)
            yield break;
        var (from, limit) = beyondCapacity ? (pool.Gpus, GrowthLimit) : (0, pool.Gpus);
        if (gpusPerPod is { } fixedSize)
        {
            var podsPerNode = pool.GpusPerNode / fixedSize;
            if (podsPerNode == 0)
                yield break;
            var usable = pool.Gpus / pool.GpusPerNode * podsPerNode * fixedSize;
            for (long count = fixedSize; count <= (beyondCapacity ? limit : usable); count += fixedSize)
                if (!beyondCapacity || count > usable)
                    yield return count;
            yield break;
        }
        for (var part = 1; part < pool.GpusPerNode; part++)
            if (pool.GpusPerNode % part == 0 && part > from && part <= limit)
                yield return part;
        for (long count = pool.GpusPerNode; count <= limit; count += pool.GpusPerNode)
            if (count > from)
                yield return count;
    }

    /// <summary>
    /// GPUs of one pod for a job of <paramref name="world"/> GPUs: as many as a node has, such that pods are equal and a tensor parallel
    /// group stays inside one. Where no such number exists the group crosses nodes, which runs, slowly.
    /// </summary>
    public static int PerPod(long world, int tensor, Pool pool, int? gpusPerPod)
    {
        if (gpusPerPod is { } fixedSize)
            return fixedSize;
        var most = (int)Math.Min(world, Math.Max(1, pool.GpusPerNode));
        for (var size = most; size >= tensor; size--)
            if (world % size == 0 && size % tensor == 0)
                return size;
        for (var size = most; size > 1; size--)
            if (world % size == 0)
                return size;
        return 1;
    }
}
