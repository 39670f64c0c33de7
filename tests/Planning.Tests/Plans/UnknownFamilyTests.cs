using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>A model of a family that is not known is sized like Llama, which is a guess: it may be told, and must not reject.</summary>
public sealed class UnknownFamilyTests
{
    private static readonly JobSpec Job = Jobs.Sharded.WithData(8) with { Model = Jobs.Llama8B with { UnknownFamily = "brand_new" } };

    [Fact]
    public void What_would_not_fit_as_Llama_is_unknown_and_says_why()
    {
        var plan = Planner.Plan(Job.Fixed(), [Pools.Of(Pools.Nothing)]);

        Assert.Equal(Verdict.Unknown, plan.Verdict);
        Assert.Contains("sized like Llama ('brand_new' is not known)", VerdictText.Line(plan), StringComparison.Ordinal);
        Assert.Contains("short", VerdictText.Line(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_model_type_that_is_what_is_said() => Assert.Contains(
        "no model_type is given", VerdictText.Line(Planner.Plan((Job with { Model = Jobs.Llama8B with { UnknownFamily = "" } }).Fixed(), [Pools.Of(Pools.Nothing)])), StringComparison.Ordinal);

    [Fact]
    public void What_fits_as_Llama_fits_and_the_guess_is_still_told()
    {
        var plan = Planner.Plan(Job.Fixed(), [Pools.Of(Pools.Plenty)]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.Contains("'brand_new' is not known", VerdictText.Line(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_on_which_it_is_expected_to_fit_comes_first() =>
        Assert.Equal("large", Planner.Plan(Job.Fixed(), [Pools.Of(Pools.Nothing, name: "a-small"), Pools.Of(Pools.Plenty, name: "large")]).Best!.Pool.Name);

    [Fact]
    public void Where_no_count_is_expected_to_fit_the_largest_comes_nearest() =>
        Assert.Equal(32, Planner.Plan(Job.Auto(), [Pools.Of(Pools.Nothing, nodes: 4)]).Best!.Gpus);

    [Fact]
    public void The_changes_that_would_help_are_told_as_for_any_model()
    {
        var recomputed = Job.Training(training => training with { Recompute = Recompute.Full, MicroBatchSize = 1 });

        Assert.NotEmpty(Planner.Plan(Job.Fixed(), [Pools.Fitting(recomputed.Estimate())]).Suggestions);
    }
}
