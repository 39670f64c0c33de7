using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Tests.Plans;

public sealed class GpuCountTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    public void Auto_takes_the_smallest_count_that_fits(int enough)
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto(), [Pools.Fitting(Jobs.Sharded.WithData(enough).Estimate())]);

        Assert.Equal(Verdict.Fits, plan.Verdict);
        Assert.Equal(enough, plan.Best!.Gpus);
        Assert.Equal(enough, plan.Best.Job.Parallelism.Data);
    }

    /// <summary>What there is decides by the objective alone; three nodes are fewer, and cost less, than four.</summary>
    [Theory]
    [InlineData(Objective.Cost, 3)]
    [InlineData(Objective.FewestGPUs, 3)]
    [InlineData(Objective.FewestNodes, 3)]
    [InlineData(Objective.Fastest, 8)]
    public void Of_nodes_of_one_gpu_as_many_are_taken_as_the_objective_prefers(Objective objective, int taken) =>
        Assert.Equal(taken, Planner.Plan(Jobs.Sharded.Auto() with { Objective = objective }, [Singles(3, nodes: 8) with { Product = "NVIDIA-H100-80GB-HBM3" }]).Best!.Gpus);

    private static Pool Singles(int enough, int nodes) => Pools.Fitting(Jobs.Sharded.WithData(enough).Estimate(), nodes) with { GpusPerNode = 1 };

    [Fact]
    public void One_gpu_is_enough_for_a_job_that_is_not_sharded()
    {
        // The buckets of the gradients' reduction exist from two ranks on: the second GPU makes each need more.
        var job = Jobs.Sharded.Training(training => training with { Framework = TrainingFramework.DDP }).Parallelism(layout => layout with { Sharding = Sharding.None });
        var alone = job.WithData(1).Estimate();
        Assert.True(alone.Expected < job.WithData(2).Estimate().Expected);

        Assert.Equal((Verdict.Fits, 1), Outcome(Planner.Plan(job.Auto(), [Pools.Of(alone.UpperBound)])));
        Assert.Equal((Verdict.AtRisk, 1), Outcome(Planner.Plan(job.Auto(), [Pools.Of(alone.Expected)])));
    }

    [Fact]
    public void A_fixed_data_size_is_never_changed()
    {
        foreach (var memory in new[] { Pools.Nothing, Pools.Plenty })
            Assert.All(Planner.Plan(Jobs.Sharded.WithData(3).Fixed(), [Pools.Of(memory), Pools.Of(memory, nodes: 0)]).Candidates, candidate =>
            {
                Assert.Equal(3, candidate.Gpus);
                Assert.Equal(3, candidate.Job.Parallelism.Data);
            });
    }

    [Fact]
    public void The_global_batch_must_divide_over_the_count()
    {
        var job = Jobs.Sharded.Training(training => training with { MicroBatchSize = 1, GlobalBatchSize = 12 });
        var plan = Planner.Plan(job.Auto(), [Pools.Fitting(job.Training(training => training with { GlobalBatchSize = null }).WithData(8).Estimate(), nodes: 3)]);

        Assert.NotEqual(8, plan.Best!.Gpus);
        Assert.Equal(0, 12 % plan.Best.Gpus);
    }

    [Fact]
    public void A_job_at_risk_leaves_a_tenth_of_the_gpu_free_where_it_can()
    {
        var (two, four) = (Jobs.Sharded.WithData(2).Estimate(), Jobs.Sharded.WithData(4).Estimate());
        var pool = Pools.Of(two.Expected, nodes: 1, gpusPerNode: 4) with { NvLinkDomain = 4 };
        Assert.True(four.UpperBound > two.Expected || four.Expected.Value * 10 <= two.Expected.Value * 9);

        Assert.Equal(4, Planner.Plan(Jobs.Sharded.Auto(), [pool]).Best!.Gpus);
    }

    [Fact]
    public void Model_parallel_degrees_multiply_the_count()
    {
        var plan = Planner.Plan(Jobs.Sharded.Parallelism(layout => layout with { Tensor = 2, Pipeline = 2 }).Auto(), [Pools.Of(Pools.Plenty)]);

        Assert.Equal(4, plan.Best!.Gpus);
        Assert.Equal(1, plan.Best.Job.Parallelism.Data);
    }

    private static (Verdict, long) Outcome(Plan plan) => (plan.Verdict, plan.Best!.Gpus);
}
