using FsCheck.Xunit;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>A search leaves out layouts whose weights, gradients and states cannot have room, without an estimate of them: what this rests on.</summary>
[Properties(MaxTest = 2000, Arbitrary = [typeof(Random)])]
public sealed class CertainStatesProperties
{
    // Each size is rounded up.
    private const long Rounding = 1024;

    [Property]
    public bool However_a_job_is_divided_all_GPUs_together_hold_no_less_than_one_that_has_everything(Case given, bool dividesExperts)
    {
        var job = Divided(given.Request.Job, dividesExperts);
        return Certain(job) is not { } each || Certain(Whole(job, data: 1)) is not { } alone
            || (Int128)each * job.Parallelism.WorldSize >= alone - Rounding;
    }

    [Property]
    public bool What_data_parallel_ranks_do_not_divide_lies_on_each_copy_of_the_model(Case given)
    {
        var job = given.Request.Job;
        return job.Model.Experts is not null || Certain(job) is not { } each || Certain(Whole(job, data: 1)) is not { } alone || Certain(Whole(job, JobLimits.MaxParallelDegree)) is not { } among
            || (Int128)each * job.Parallelism.Tensor * job.Parallelism.Pipeline >= among - (alone / JobLimits.MaxParallelDegree) - Rounding;
    }

    private static JobSpec Divided(JobSpec job, bool dividesExperts) =>
        dividesExperts && job.Model.Experts is not null ? job with { Parallelism = job.Parallelism with { Expert = Math.Max(1, job.Parallelism.Data) } } : job;

    private static JobSpec Whole(JobSpec job, int data) => job with
    {
        Training = job.Training with { GlobalBatchSize = null, MicroBatchSize = 1 },
        Parallelism = new ParallelismSpec { Data = data, Sharding = job.Parallelism.Sharding },
    };

    private static long? Certain(JobSpec job) => MemoryEstimator.TryEstimate(job, out _)?.LowerBound.Value;
}
