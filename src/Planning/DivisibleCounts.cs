using System.Numerics;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning;

/// <summary>The counts of GPUs that pools sell and a job can be divided over, ascending.</summary>
/// <param name="request">The job.</param>
/// <param name="layout">How its model is divided; the data parallel size is open.</param>
/// <param name="sequences">Of a micro-batch.</param>
/// <param name="facts">What is the same for all its layouts.</param>
internal readonly struct DivisibleCounts(PlanRequest request, ParallelismSpec layout, long sequences, JobFacts facts)
{
    private const long FewGpus = 128;

    /// <summary>Those of the pool as it is, or can be as far as is declared.</summary>
    public ArraySegment<long> Within(Pool pool) => UpTo(pool.GpusPerNode, GpuCounts.Capacity(pool, request.GpusPerNode));

    /// <summary>Those that a pool of such nodes would have if it were larger.</summary>
    public ArraySegment<long> Beyond(Pool pool)
    {
        // A job that replicates its states needs as much on each of a thousand GPUs as on one.
        if (layout.Sharding == Sharding.None)
            return [];
        var (within, all) = (Within(pool).Count, UpTo(pool.GpusPerNode, GpuCounts.GrowthLimit));
        return all.Slice(Math.Min(within, all.Count));
    }

    public ArraySegment<long> UpTo(int gpusPerNode, long limit)
    {
        // Hundreds of pools have a few sizes of nodes, and differ in where their capacity cuts the same counts; layouts of one size have the same, too.
        var what = new Divided(gpusPerNode, layout.ModelParallelSize, layout.Expert == 1 ? 1 : layout.Pipeline, layout.Expert, layout.Context, layout.ShardGroup, sequences, request.Job.Training.GlobalBatchSize, request.GpusPerNode);
        if (!facts.Counts.TryGetValue(what, out var known) || known.Limit < limit)
        {
            // In steps, so that pools of many sizes do not make it anew for each.
            var most = (long)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(limit, FewGpus));
            facts.Counts[what] = known = (most, Of(gpusPerNode, most));
        }

        var at = Array.BinarySearch(known.Counts, limit);
        return new(known.Counts, 0, at >= 0 ? at + 1 : ~at);
    }

    /// <summary>The job can have so many GPUs without stranding others of a node.</summary>
    public bool Has(int gpusPerNode, long gpus) => UpTo(gpusPerNode, Math.Max(gpus, GpuCounts.GrowthLimit)).AsSpan().BinarySearch(gpus) >= 0;

    public bool IsDivisible(long count)
    {
        var data = count / layout.ModelParallelSize;
        return data <= JobLimits.MaxParallelDegree && count / layout.Pipeline % layout.Expert == 0 && data * layout.Context % (layout.ShardGroup ?? 1) == 0;
    }

    private long[] Of(int gpusPerNode, long limit)
    {
        var model = layout.ModelParallelSize;
        if (facts.BatchDivisors is { } ranks && request.Job.Training.GlobalBatchSize is { } batch)
        {
            var counts = new List<long>();
            foreach (var data in ranks)
            {
                if (data > limit / model)
                    break;
                if (batch / data % sequences == 0 && GpuCounts.IsSold(data * model, gpusPerNode, request.GpusPerNode) && IsDivisible(data * model))
                    counts.Add(data * model);
            }

            return [.. counts];
        }

        var sold = GpuCounts.Sold(gpusPerNode, request.GpusPerNode, model, (long)Int128.Min(limit, (Int128)JobLimits.MaxParallelDegree * model));
        return layout is { Expert: 1, ShardGroup: null } ? [.. sold] : [.. sold.FindAll(IsDivisible)];
    }

    /// <summary>What of a job, a layout and a pool decides over which counts it can be divided.</summary>
    internal readonly record struct Divided(int GpusPerNode, long Model, int Pipeline, int Expert, int Context, int? ShardGroup, long MicroBatchSize, long? GlobalBatchSize, int? GpusPerPod);
}
