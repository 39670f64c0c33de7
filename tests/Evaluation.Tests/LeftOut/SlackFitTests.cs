using GpuMem.Estimation.Calibration;
using GpuMem.Evaluation.LeftOut;

namespace GpuMem.Evaluation.Tests.LeftOut;

public sealed class SlackFitTests
{
    [Fact]
    public void The_expected_slack_is_the_median_and_the_upper_one_covers_nearly_all()
    {
        // 97 % of the way from the first to the last of five is 88 % of the way from the fourth to the fifth.
        var five = Runs(AllocatorUse.Megatron, 0.01, 0.05, 0.02, 0.03, 0.04);
        var fitted = Fit(AllocatorUse.Megatron, five, Runs(AllocatorUse.Nanotron, 0.5, 0.5));

        Assert.Equal(0.03, fitted!.Value.Expected, tolerance: 1e-12);
        Assert.Equal(0.0488, fitted.Value.Upper, tolerance: 1e-12);
    }

    [Fact]
    public void Fewer_than_five_runs_are_told_by_the_runs_of_all_uses()
    {
        var four = Runs(AllocatorUse.Megatron, 0.01, 0.02, 0.03, 0.04);

        Assert.Equal(0.04, Fit(AllocatorUse.Megatron, four, Runs(AllocatorUse.Nanotron, 0.5, 0.6, 0.7))!.Value.Expected, tolerance: 1e-12);
    }

    [Fact]
    public void Runs_of_one_publisher_are_told_by_the_runs_of_all_uses()
    {
        var single = Runs(AllocatorUse.Megatron, 0.01, 0.01, 0.01, 0.01, 0.01).Select(run => run with { Publisher = "one" });
        var others = Runs(AllocatorUse.Nanotron, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5);

        Assert.Equal(0.5, Fit(AllocatorUse.Megatron, single, others)!.Value.Expected, tolerance: 1e-12);
    }

    [Fact]
    public void Uses_that_gather_into_buffers_of_many_sizes_tell_each_other()
    {
        var (flat, buckets) = (Runs(AllocatorUse.FlatParameters, 0.2, 0.3), Runs(AllocatorUse.DeepSpeed, 0.25, 0.3, 0.35));
        var others = Runs(AllocatorUse.Undivided, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06);

        Assert.Equal(0.3, Fit(AllocatorUse.FlatParameters, flat, buckets, others)!.Value.Expected, tolerance: 1e-12);
        Assert.Equal(0.06, Fit(AllocatorUse.Nanotron, flat, buckets, others)!.Value.Expected, tolerance: 1e-12);
    }

    [Fact]
    public void An_allocator_holds_at_least_what_is_used()
    {
        var fitted = Fit(AllocatorUse.Megatron, Runs(AllocatorUse.Megatron, -0.5, -0.4, -0.3, -0.2, -0.1))!.Value;

        Assert.Equal((0, 0), fitted);
    }

    [Fact]
    public void Of_no_run_there_is_no_slack() => Assert.Null(Fit(AllocatorUse.Megatron));

    private static (double Expected, double Upper)? Fit(AllocatorUse use, params IEnumerable<MeasuredSlack>[] runs) =>
        new SlackFit([.. runs.SelectMany(some => some)]).Of(use);

    /// <summary>Runs of two publishers in turn.</summary>
    private static IEnumerable<MeasuredSlack> Runs(AllocatorUse use, params double[] slacks) =>
        slacks.Select((slack, index) => new MeasuredSlack(use, index % 2 == 0 ? "one" : "other", slack, slack));
}
