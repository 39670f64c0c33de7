using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>How the GPUs of a job are dealt to pods.</summary>
public sealed class PlacementTests
{
    [Theory]
    [InlineData(8, 16, 8)]
    [InlineData(4, 12, 4)]
    [InlineData(1, 12, 6)]
    [InlineData(2, 24, 8)]
    public void A_tensor_parallel_group_stays_inside_a_node(int tensor, int world, int perNode)
    {
        var best = Planner.Plan(Jobs.Sharded.WithTensor(tensor).WithData(world / tensor).Fixed(), [Pools.Of(Pools.Plenty)]).Best!;

        Assert.Equal(perNode, best.GpusPerNode);
        Assert.Equal(world, best.Nodes * best.GpusPerNode);
        Assert.Null(best.Note);
    }

    [Fact]
    public void A_tensor_parallel_group_larger_than_a_node_is_told_to_be_slow() =>
        Assert.Contains("crosses nodes", Planner.Plan(Jobs.Sharded.WithTensor(8).Fixed(), [Pools.Of(Pools.Plenty, gpusPerNode: 4)]).Best!.Note, StringComparison.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Pods_have_the_size_that_their_author_fixed(int perNode)
    {
        var best = Planner.Plan(Jobs.Sharded.Auto() with { GpusPerNode = perNode }, [Pools.Fitting(Jobs.Sharded.WithData(8).Estimate())]).Best!;

        Assert.Equal((perNode, 8L), (best.GpusPerNode, best.Gpus));
    }

    [Fact]
    public void Pods_of_three_leave_room_on_nodes_of_eight()
    {
        // Two pods of three on each of two nodes: twelve of the sixteen GPUs.
        var best = Planner.Plan(Jobs.Sharded.Auto() with { GpusPerNode = 3 }, [Pools.Of(Pools.Nothing, nodes: 2)]).Best!;

        Assert.Equal(12, best.Gpus);
    }

    [Theory]
    [InlineData(16, 1)]
    [InlineData(3, 1)]
    [InlineData(8, 0)]
    public void Pods_are_whole_even_where_none_can_run(int perNode, int nodes)
    {
        var best = Planner.Plan(Jobs.Sharded.WithTensor(2).Auto() with { GpusPerNode = perNode }, [Pools.Of(Pools.Plenty, nodes, gpusPerNode: perNode == 3 ? 2 : 8)]).Best!;

        Assert.Equal(best.Gpus, best.Nodes * best.GpusPerNode);
        Assert.True(best.Nodes > 0);
        Assert.NotNull(best.Note);
    }

    [Fact]
    public void Pods_larger_than_any_node_do_not_hope_for_more_nodes() =>
        Assert.Contains("nodes have 8", Planner.Plan(Jobs.Sharded.Auto() with { GpusPerNode = 16 }, [Pools.Of(Pools.Plenty) with { MayGrow = true }]).Best!.Note, StringComparison.Ordinal);

    [Fact]
    public void A_world_that_pods_do_not_divide_is_invalid_and_says_what_to_do()
    {
        var plan = Planner.Plan(Jobs.Sharded.WithTensor(2).WithData(3).Fixed() with { GpusPerNode = 4 }, [Pools.Of(Pools.Plenty)]);

        Assert.Equal(Verdict.Invalid, plan.Verdict);
        var problem = Assert.Single(plan.Problems);
        Assert.Equal("parallelism", problem.Path);
        Assert.Contains("tensor 2 × pipeline 1 × context 1 × data 3 = 6 GPUs", problem.Message, StringComparison.Ordinal);
        Assert.Contains("Auto", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Pods_without_gpus_are_invalid(int perNode) =>
        Assert.Equal("placement.gpusPerNode", Assert.Single(Planner.Plan(Jobs.Sharded.Auto() with { GpusPerNode = perNode }, [Pools.Of(Pools.Plenty)]).Problems).Path);

    [Theory]
    [InlineData(-1)]
    [InlineData(100)]
    public void Headroom_is_a_percentage(int percent) =>
        Assert.Equal("policy.headroomPercent", Assert.Single(Planner.Plan(Jobs.Sharded.Auto() with { HeadroomPercent = percent }, [Pools.Of(Pools.Plenty)]).Problems).Path);

    [Fact]
    public void A_job_that_cannot_be_is_invalid_with_every_reason()
    {
        var plan = Planner.Plan(Jobs.Sharded.WithTensor(7).Parallelism(layout => layout with { Pipeline = 100 }).Auto(), [Pools.Of(Pools.Plenty)]);

        Assert.Equal(Verdict.Invalid, plan.Verdict);
        Assert.Equal(["parallelism.pipeline", "parallelism.tensor"], plan.Problems.Select(problem => problem.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_global_batch_that_no_count_divides_is_invalid()
    {
        var plan = Planner.Plan(Jobs.Sharded.Training(training => training with { MicroBatchSize = 4, GlobalBatchSize = 6 }).Auto(), [Pools.Of(Pools.Plenty)]);

        Assert.Equal((Verdict.Invalid, "training.globalBatchSize"), (plan.Verdict, Assert.Single(plan.Problems).Path));
    }
}
