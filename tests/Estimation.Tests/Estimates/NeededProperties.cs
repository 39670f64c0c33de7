using FsCheck;
using FsCheck.Fluent;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Estimates;

/// <summary>Jobs of every optimizer, offload, schedule and companion, beyond what <see cref="JobGenerator"/> makes.</summary>
public sealed class NeededProperties
{
    [Fact]
    public void What_is_needed_lies_between_what_is_certain_and_what_is_expected() => ForAll(job =>
    {
        var estimate = MemoryEstimator.Estimate(job);
        return estimate.LowerBound <= estimate.Needed && estimate.Needed <= estimate.Expected && estimate.Expected <= estimate.UpperBound;
    });

    [Fact]
    public void Terms_sum_to_the_expectation_whatever_is_offloaded_or_kept_beside() => ForAll(job =>
    {
        var estimate = MemoryEstimator.Estimate(job);
        return estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected) == estimate.Expected
            && estimate.Terms.Aggregate(Bytes.Zero, (sum, term) => sum + term.UpperBound) == estimate.UpperBound;
    });

    [Fact]
    public void Offloading_never_needs_more_of_the_GPU() => ForAll(job =>
    {
        var plain = MemoryEstimator.Estimate(job with { Training = job.Training with { Offload = new OffloadSpec() } });
        return MemoryEstimator.Estimate(job).Expected <= plain.Expected && plain.OffloadedPerNode == Bytes.Zero;
    });

    [Fact]
    public void A_step_in_backward_never_keeps_more_states() => ForAll(job =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = true } }).LowerBound
        <= MemoryEstimator.Estimate(job with { Training = job.Training with { OptimizerInBackward = false } }).LowerBound);

    [Fact]
    public void An_average_or_a_reference_never_needs_less() => ForAll(job =>
        MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = true, ReferenceModel = true } }).Expected
        >= MemoryEstimator.Estimate(job with { Training = job.Training with { MovingAverage = false, ReferenceModel = false } }).Expected);

    private static Gen<JobSpec> Jobs =>
        from job in JobGenerator.Sound
        from inBackward in Gen.Elements(true, false)
        from average in Gen.Elements(true, false)
        from reference in Gen.Elements(true, false)
        from parameters in Gen.Elements(Enum.GetValues<OffloadTarget>())
        from optimizer in Gen.Elements(Enum.GetValues<OffloadTarget>())
        from activations in Gen.Elements(true, false)
        from schedule in Gen.Elements(Enum.GetValues<PipelineSchedule>())
        from exchange in Gen.Elements(Enum.GetValues<ContextExchange>())
        from chunks in Gen.Choose(1, 8)
        from rank in Gen.Choose(1, 2048)
        select job with
        {
            Training = job.Training with
            {
                OptimizerInBackward = inBackward,
                MovingAverage = average,
                ReferenceModel = reference,
                OptimizerRank = rank,
                Offload = new OffloadSpec { Parameters = parameters, Optimizer = optimizer, Activations = activations },
            },
            Parallelism = job.Parallelism with { Schedule = schedule, ContextExchange = exchange, VirtualStages = chunks },
        };

    private static void ForAll(Func<JobSpec, bool> property) => Check.One(Runs.TenThousand, Prop.ForAll(Jobs.ToArbitrary(), property));
}
