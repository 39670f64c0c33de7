using GpuMem.Estimation;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>What is not known is never a rejection.</summary>
public sealed class UnknownCapacityTests
{
    [Fact]
    public void Without_pools_there_is_an_estimate_and_no_verdict()
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto(), []);

        Assert.Equal(Verdict.Unknown, plan.Verdict);
        Assert.Equal(Jobs.Sharded.WithData(1).Estimate().Expected, plan.Estimate!.Expected);
        Assert.Empty(plan.Candidates);
    }

    [Fact]
    public void Without_pools_a_global_batch_for_many_ranks_is_no_obstacle() =>
        Assert.NotNull(Planner.Plan(Jobs.Sharded.Training(training => training with { MicroBatchSize = 3, GlobalBatchSize = 96 }).Auto(), []).Estimate);

    [Fact]
    public void Without_pools_a_global_batch_that_cannot_be_is_still_invalid() =>
        Assert.Equal(Verdict.Invalid, Planner.Plan(Jobs.Sharded.Training(training => training with { GlobalBatchSize = 0 }).Auto(), []).Verdict);

    [Fact]
    public void Names_of_pools_that_do_not_exist_are_answered_with_those_that_do()
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto() with { Pools = ["h10", "h20"] }, [Pools.Of(Pools.Plenty, name: "h100"), Pools.Of(Pools.Plenty, name: "h200")]);

        Assert.Equal(Verdict.Unknown, plan.Verdict);
        Assert.NotNull(plan.Estimate);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal("placement.pools", problem.Path);
        Assert.Contains("none of [h10, h20] is known; there are: h100, h200", problem.Message, StringComparison.Ordinal);
        Assert.Contains("there are: h100, h200", VerdictText.Full(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void One_known_name_among_unknown_ones_is_enough() =>
        Assert.Equal("h100", Planner.Plan(Jobs.Sharded.Auto() with { Pools = ["h10", "h100"] }, [Pools.Of(Pools.Plenty, name: "h100")]).Best!.Pool.Name);

    [Fact]
    public void Unknown_memory_is_no_rejection_and_says_how_to_make_it_known()
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto(), [Pools.Of(null)]);

        Assert.Equal(Verdict.Unknown, plan.Verdict);
        Assert.Contains("memoryPerGPU", plan.Best!.Note, StringComparison.Ordinal);
        Assert.Empty(plan.Suggestions);
    }

    [Fact]
    public void Of_unknown_memory_it_may_be_known_what_it_is_at_the_most()
    {
        var job = Jobs.Sharded.WithData(1).Fixed();
        var tooSmall = Planner.Plan(job, [Pools.Of(null) with { LargestMemory = Bytes.FromMiB(512) }]);

        Assert.True(tooSmall.Verdict.Rejects());
        Assert.Contains("has at most 0.5 GiB", VerdictText.Line(tooSmall), StringComparison.Ordinal);
        Assert.Equal(Verdict.Unknown, Planner.Plan(job, [Pools.Of(null) with { LargestMemory = Pools.Plenty }]).Verdict);
    }

    [Fact]
    public void With_unknown_memory_a_whole_node_is_the_start() => Assert.Equal(8, Planner.Plan(Jobs.Sharded.Auto(), [Pools.Of(null)]).Best!.Gpus);

    [Fact]
    public void A_pool_that_may_grow_is_unknown_where_it_would_otherwise_be_too_small()
    {
        var pool = Pools.Fitting(Jobs.Sharded.WithData(16).Estimate(), nodes: 1);

        Assert.True((Planner.Plan(Jobs.Sharded.Auto(), [pool with { UsableMemory = Jobs.Sharded.WithData(8).Estimate().Needed.Less() }]).Verdict).Rejects());
        var grown = Planner.Plan(Jobs.Sharded.Auto(), [pool with { UsableMemory = Jobs.Sharded.WithData(8).Estimate().Needed.Less(), MayGrow = true }]);

        Assert.Equal(Verdict.Unknown, grown.Verdict);
        Assert.True(grown.Best!.Gpus > pool.Gpus);
        Assert.Equal(0, grown.Best.Gpus % 8);
        Assert.Contains("nobody declared how far it may grow", grown.Best.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void No_growth_saves_a_job_that_no_count_makes_small_enough() =>
        Assert.True((Planner.Plan(Jobs.Sharded.Auto(), [Pools.Of(Pools.Nothing) with { MayGrow = true }]).Verdict).Rejects());

    [Fact]
    public void A_declared_bound_counts_as_if_the_nodes_were_there()
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto(), [Pools.Fitting(Jobs.Sharded.WithData(32).Estimate(), nodes: 0) with { MaxNodes = 4 }]);

        Assert.Equal((Verdict.Fits, 32L), (plan.Verdict, plan.Best!.Gpus));
    }

    [Fact]
    public void Nodes_that_differ_are_a_risk_where_only_the_larger_ones_would_do()
    {
        var needed = Jobs.Sharded.WithData(8).Estimate();
        var mixed = Pools.Of(Pools.Nothing) with { Heterogeneous = true, LargestMemory = needed.UpperBound };

        Assert.Equal(Verdict.AtRisk, Planner.Plan(Jobs.Sharded.WithData(8).Fixed(), [mixed]).Verdict);
        Assert.True((Planner.Plan(Jobs.Sharded.WithData(8).Fixed(), [mixed with { LargestMemory = needed.Needed.Less() }]).Verdict).Rejects());
    }
}
