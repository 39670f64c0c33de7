using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Estimates;

public sealed class NeededProperties
{
    [Fact]
    public void What_is_needed_lies_between_what_is_certain_and_what_is_expected() => ForAll(job =>
    {
        var estimate = MemoryEstimator.Estimate(job);
        return estimate.LowerBound <= estimate.Needed && estimate.Needed <= estimate.Expected && estimate.Expected <= estimate.UpperBound;
    });

    [Fact]
    public void Offloading_never_needs_more_of_the_GPU() => ForAll(job =>
    {
        var plain = MemoryEstimator.Estimate(job with { Training = job.Training with { Offload = new OffloadSpec() } });
        return MemoryEstimator.Estimate(job).Expected <= plain.Expected && plain.HostMemoryPerNode == Bytes.Zero && plain.NvmePerNode == Bytes.Zero;
    });

    [Fact]
    public void A_step_in_backward_never_keeps_more_states() => ForAll(job =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = true } }).LowerBound
        <= MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = false } }).LowerBound);

    [Fact]
    public void An_average_or_a_reference_never_needs_less() => ForAll(job =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = true, ReferenceModel = true } }).Expected
        >= MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = false, ReferenceModel = false } }).Expected);

    private static void ForAll(Func<JobSpec, bool> property) => Check.One(Runs.TenThousand, Prop.ForAll(JobGenerator.Sound.ToArbitrary(), property));
}
