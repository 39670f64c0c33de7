using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>
/// What the GPUs of a job hold for certain, however it is divided over them: all of them together no less of weights, gradients and states than one
/// GPU that had everything, and whatever data parallel ranks do not divide among themselves lies on each copy of the model.
/// </summary>
/// <param name="Divided">Bytes that are divided over all GPUs at the best.</param>
/// <param name="Copied">Bytes that each copy of the model has; the ranks of tensor and pipeline parallelism divide them.</param>
internal readonly record struct CertainStates(long Divided, long Copied)
{
    // Each size is rounded up, and what a copy has is the difference of two.
    private const long Rounding = 1024;

    /// <param name="job">What is divided.</param>
    /// <param name="sharding">What data parallel ranks divide.</param>
    public static CertainStates Of(JobSpec job, Sharding sharding)
    {
        if (On(job, sharding, 1) is not { } alone)
            return default;
        var copied = job.Model.Experts is null && On(job, sharding, JobLimits.MaxParallelDegree) is { } among ? Math.Max(0, among - (alone / JobLimits.MaxParallelDegree) - Rounding) : 0;
        return new(Math.Max(0, alone - copied - Rounding), copied);
    }

    /// <summary>No GPU that is loaded the most has less.</summary>
    /// <param name="layout">How the model is divided; its data parallel size may be open.</param>
    /// <param name="gpus">In all, at the most.</param>
    public Bytes OnEach(ParallelismSpec layout, long gpus) => new((Copied / ((long)layout.Tensor * layout.Pipeline)) + (Divided / gpus));

    /// <summary>The fewest GPUs on which that may be no more than <paramref name="memory"/>; null where no number is enough.</summary>
    public long? FewestGpus(ParallelismSpec layout, Bytes memory) =>
        memory.Value - (Copied / ((long)layout.Tensor * layout.Pipeline)) is > 0 and var left ? Math.Max(1, Divided / left) : null;

    /// <summary>Without a batch no gradients wait for those of the next sequences.</summary>
    private static long? On(JobSpec job, Sharding sharding, int data)
    {
        var alone = job with
        {
            Training = job.Training with { GlobalBatchSize = null, MicroBatchSize = 1 },
            Parallelism = new ParallelismSpec { Data = data, Sharding = sharding, FsdpVersion = job.Parallelism.FsdpVersion },
        };
        return MemoryEstimator.TryEstimate(alone, out _)?.LowerBound.Value;
    }
}
