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

    [Theory]
    [InlineData(3, 4)]
    [InlineData(5, 8)]
    [InlineData(9, 16)]
    [InlineData(17, 24)]
    public void Counts_that_a_pool_does_not_sell_are_rounded_up(int enough, int sold) =>
        Assert.Equal(sold, Planner.Plan(Jobs.Sharded.Auto(), [Pools.Fitting(Jobs.Sharded.WithData(enough).Estimate())]).Best!.Gpus);

    [Theory]
    [InlineData(3, new long[] { 1, 3, 6, 9 })]
    [InlineData(6, new long[] { 1, 2, 3, 6, 12 })]
    public void Nodes_of_odd_size_are_divided_evenly(int perNode, long[] sold)
    {
        var counts = Enumerable.Range(1, 12)
            .Select(enough => Planner.Plan(Jobs.Sharded.Auto(), [Pools.Fitting(Jobs.Sharded.WithData(enough).Estimate()) with { GpusPerNode = perNode }]).Best!.Gpus);

        Assert.All(counts, count => Assert.Contains(count, sold.Append(12)));
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(5, 8)]
    [InlineData(7, 8)]
    [InlineData(9, 16)]
    [InlineData(17, 24)]
    public void Over_nodes_of_one_gpu_a_count_is_taken_that_people_use(int enough, int taken) =>
        Assert.Equal(taken, Planner.Plan(Jobs.Sharded.Auto(), [Singles(enough, nodes: 32)]).Best!.Gpus);

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    public void Where_there_are_no_more_an_odd_count_fits_all_the_same(int all)
    {
        var plan = Planner.Plan(Jobs.Sharded.Auto(), [Singles(all, nodes: all)]);

        Assert.Equal((Verdict.Fits, (long)all), (plan.Verdict, plan.Best!.Gpus));
    }

    [Fact]
    public void Who_asks_for_the_fewest_gpus_gets_an_odd_count() =>
        Assert.Equal(3, Planner.Plan(Jobs.Sharded.Auto() with { Objective = Objective.FewestGPUs }, [Singles(3, nodes: 8)]).Best!.Gpus);

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
