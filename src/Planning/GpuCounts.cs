using System.Numerics;

namespace GpuMem.Planning;

/// <summary>How many GPUs a pool sells at once, and how many of them each pod gets.</summary>
internal static class GpuCounts
{
    /// <summary>The most GPUs considered on a pool that may grow without a declared bound.</summary>
    public const long GrowthLimit = 8192;

    /// <summary>The most GPUs that are proposed to somebody who does not have them: few have more, and nobody rents thousands of small cards for one job.</summary>
    public const long MostProposed = 1024;

    // Who has eight GPUs may get sixty-four; nobody who has sixteen rents five hundred for the same job.
    private const int MostTimes = 8;
    private const long Few = 64;

    private const int MostStagesOfSingles = 4;

    /// <summary>More pipeline stages over nodes of one GPU, each waiting for the network, are nothing to propose: who needs so many takes nodes with more GPUs.</summary>
    public static bool HasTooManyStages(int pipeline, Pool pool) => pool.GpusPerNode == 1 && pipeline > MostStagesOfSingles;

    /// <summary>The most GPUs that are proposed to somebody who has so many.</summary>
    public static long MostBeside(long gpus) => Math.Min(MostProposed, Math.Max(Few, MostTimes * gpus));

    /// <summary>
    /// Counts up to <paramref name="limit"/> that nodes of <paramref name="gpusPerNode"/> GPUs sell, ascending: the parts of a node that divide it
    /// evenly, then whole nodes. Asking a pool of 8-GPU nodes for 3 gives a pod that strands 5 or never schedules
    /// (aws/karpenter-provider-aws#7038), so counts between are rounded up by leaving them out.
    /// </summary>
    /// <param name="gpusPerNode">Of the pool.</param>
    /// <param name="gpusPerPod">When the author fixed it.</param>
    /// <param name="model">GPUs of one copy of the model: only whole copies count.</param>
    /// <param name="limit">The most.</param>
    public static List<long> Sold(int gpusPerNode, int? gpusPerPod, long model, long limit)
    {
        var counts = new List<long>();
        if (gpusPerPod > gpusPerNode || gpusPerNode <= 0)
            return counts;
        for (var part = model; gpusPerPod is null && part < gpusPerNode && part <= limit; part += model)
            if (gpusPerNode % part == 0)
                counts.Add(part);
        long whole = gpusPerPod ?? gpusPerNode;
        var step = (Int128)model / (long)BigInteger.GreatestCommonDivisor(model, whole) * whole;
        if (step > limit)
            return counts;
        for (var (count, each) = ((long)step, (long)step); count <= limit; count += each)
            counts.Add(count);
        return counts;
    }

    /// <summary>Whether so many are among <see cref="Sold"/>.</summary>
    public static bool IsSold(long count, int gpusPerNode, int? gpusPerPod) => gpusPerPod is { } podSize
        ? podSize > 0 && podSize <= gpusPerNode && count % podSize == 0
        : gpusPerNode > 0 && (count < gpusPerNode ? gpusPerNode % count == 0 : count % gpusPerNode == 0);

    /// <summary>The most GPUs that a pool has for pods of one size: what is left of a node after its last whole pod is of no use.</summary>
    public static long Capacity(Pool pool, int? gpusPerPod) =>
        gpusPerPod is { } podSize && pool.GpusPerNode > 0 ? pool.Gpus / pool.GpusPerNode * (pool.GpusPerNode / podSize) * podSize : pool.Gpus;

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
