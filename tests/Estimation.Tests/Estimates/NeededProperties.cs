using FsCheck.Xunit;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Estimates;

[Properties(MaxTest = 10_000, Arbitrary = [typeof(SoundJobs)])]
public sealed class NeededProperties
{
    [Property]
    public bool What_is_needed_lies_between_what_is_certain_and_what_is_expected(JobSpec job)
    {
        var estimate = MemoryEstimator.Estimate(job);
        return estimate.LowerBound <= estimate.Needed && estimate.Needed <= estimate.Expected && estimate.Expected <= estimate.UpperBound;
    }

    [Property]
    public bool Offloading_never_needs_more_of_the_GPU(JobSpec job)
    {
        var plain = MemoryEstimator.Estimate(job with { Training = job.Training with { Offload = new OffloadSpec() } });
        return MemoryEstimator.Estimate(job).Expected <= plain.Expected && plain.HostMemoryPerNode == Bytes.Zero && plain.NvmePerNode == Bytes.Zero;
    }

    [Property]
    public bool A_step_in_backward_never_keeps_more_states(JobSpec job) =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = true } }).LowerBound
        <= MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = false } }).LowerBound;

    [Property]
    public bool An_average_or_a_reference_never_needs_less(JobSpec job) =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = true, ReferenceModel = job.Training.Objective != TrainingObjective.ORPO } }).Expected
        >= MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = false, ReferenceModel = false } }).Expected;
}
