using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Speed;

namespace GpuMem.Planning.Search;

/// <summary>What is the same for all layouts of a job: how fast its model is on the products of some pools, and by what its batch can be divided.</summary>
internal sealed class JobFacts(JobSpec job)
{
    private readonly Dictionary<string, GpuSpeed?> _gpus = new(StringComparer.Ordinal);
    private readonly Lazy<StepTime?> _steps = new(() => StepTime.Of(job));
    private readonly Lazy<long[]?> _divisors = new(() => job.Training.GlobalBatchSize is > 0 and var batch ? [.. DivisorsOf(batch)] : null);

    /// <summary>Divisors of the global batch size up to the most ranks there can be, ascending; null where none is given.</summary>
    public long[]? BatchDivisors => _divisors.Value;

    /// <summary>Tokens of all GPUs together; null when it is not known.</summary>
    /// <param name="layout">A job of the same model; its data parallel size may be open.</param>
    /// <param name="pool">Whose GPUs.</param>
    /// <param name="world">GPUs in all, whole copies of the model.</param>
    /// <param name="gpusPerNode">Of one pod.</param>
    public double? TokensPerSecond(JobSpec layout, Pool pool, long world, int gpusPerNode) =>
        TokensPerSecond(layout, pool, world, gpusPerNode, layout.Training.Recompute, layout.Training.MicroBatchSize);

    /// <summary>As above, with other settings.</summary>
    public double? TokensPerSecond(JobSpec layout, Pool pool, long world, int gpusPerNode, Recompute recompute, long microBatchSize)
    {
        if (!_gpus.TryGetValue(pool.Product, out var gpu))
            _gpus[pool.Product] = gpu = GpuSpeed.Of(pool.Product);
        return gpu is null ? null : _steps.Value?.TokensPerSecond(layout, world / layout.Parallelism.ModelParallelSize, gpu, gpusPerNode, recompute, microBatchSize);
    }

    /// <summary>The product is known to multiply in fp16 fast, and not in the type that is asked for: cards before Ampere.</summary>
    public bool LacksPrecision(string product, Precision precision)
    {
        if (!_gpus.TryGetValue(product, out var gpu))
            _gpus[product] = gpu = GpuSpeed.Of(product);
        return precision is Precision.BF16 or Precision.BF16Mixed && gpu is { Gpu: { Bf16Teraflops: null, Fp16Teraflops: not null } };
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
