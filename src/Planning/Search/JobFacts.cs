using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Speed;

namespace GpuMem.Planning.Search;

/// <summary>What is the same for all layouts of a job: how fast its model is on the products of some pools, and by what its batch can be divided.</summary>
/// <param name="job">The job.</param>
/// <param name="counts">Counts of GPUs up to a limit, by what decides them: other jobs may share them.</param>
internal sealed class JobFacts(JobSpec job, Dictionary<DivisibleCounts.Divided, (long Limit, long[] Counts)> counts)
{
    private readonly Dictionary<string, GpuSpeed?> _gpus = new(StringComparer.Ordinal);
    private readonly StepTime? _steps = StepTime.Of(job);
    private long[]? _divisors;
    private readonly CertainStates?[] _states = new CertainStates?[(int)Sharding.Full + 1];

    public Dictionary<DivisibleCounts.Divided, (long Limit, long[] Counts)> Counts => counts;

    /// <summary>Divisors of the global batch size up to the most ranks there can be, ascending; null where none is given.</summary>
    public long[]? BatchDivisors => job.Training.GlobalBatchSize is > 0 and var batch ? _divisors ??= [.. DivisorsOf(batch)] : null;

    /// <summary>What its GPUs hold for certain, however the job is divided over them.</summary>
    public CertainStates StatesUnder(Sharding sharding) => _states[(int)sharding] ??= CertainStates.Of(job, sharding);

    /// <summary>The most data parallel ranks, up to so many, over which the batch divides; one at the least.</summary>
    /// <param name="limit">The most.</param>
    /// <param name="sequences">Of a micro-batch.</param>
    public long MostRanks(long limit, long sequences)
    {
        if (BatchDivisors is not { } ranks)
            return Math.Clamp(limit, 1, JobLimits.MaxParallelDegree);
        var batch = job.Training.GlobalBatchSize!.Value;
        for (var i = ranks.Length - 1; i >= 0; i--)
        {
            if (ranks[i] <= limit && batch / ranks[i] % sequences == 0)
                return ranks[i];
        }

        return 1;
    }

    /// <summary>Tokens of all GPUs together; null when it is not known.</summary>
    /// <param name="job">The same in one layout, with its settings; its data parallel size may be open.</param>
    /// <param name="pool">Whose GPUs.</param>
    /// <param name="world">GPUs in all, whole copies of the model.</param>
    /// <param name="gpusPerNode">Of one pod.</param>
    public double? TokensPerSecond(JobSpec job, Pool pool, long world, int gpusPerNode) =>
        TimeOf(job.Parallelism, pool, world, gpusPerNode)?.TokensPerSecond(job.Training.Recompute, job.Training.MicroBatchSize);

    /// <summary>As above, whatever is recomputed and however many sequences go at once.</summary>
    public LayoutTime? TimeOf(ParallelismSpec layout, Pool pool, long world, int gpusPerNode) =>
        SpeedOf(pool.Product) is { } gpu ? _steps?.Of(layout, world / layout.ModelParallelSize, gpu, gpusPerNode) : null;

    /// <summary>The product is known to multiply in fp16 fast, and not in the type that is asked for: cards before Ampere.</summary>
    public bool LacksPrecision(string product, Precision precision) =>
        precision is Precision.BF16 or Precision.BF16Mixed && SpeedOf(product) is { Gpu: { Bf16Teraflops: null, Fp16Teraflops: not null } };

    private GpuSpeed? SpeedOf(string product)
    {
        if (!_gpus.TryGetValue(product, out var gpu))
            _gpus[product] = gpu = GpuSpeed.Of(product);
        return gpu;
    }

    /// <summary>Each divisor up to the root has one above it.</summary>
    private static SortedSet<long> DivisorsOf(long batch)
    {
        var divisors = new SortedSet<long>();
        for (var divisor = 1L; divisor <= GpuCounts.GrowthLimit && divisor <= batch / divisor; divisor++)
        {
            if (batch % divisor != 0)
                continue;
            divisors.Add(divisor);
            if (batch / divisor <= GpuCounts.GrowthLimit)
                divisors.Add(batch / divisor);
        }

        return divisors;
    }
}
