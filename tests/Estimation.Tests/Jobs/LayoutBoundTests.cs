using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

public sealed class LayoutBoundTests
{
    private static readonly JobSpec Job = Example.Job(Example.Llama8B, data: 8);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Counts_outside_their_bounds_are_problems_that_name_the_field(int wrong)
    {
        Named("virtualStages", Job with { Parallelism = Job.Parallelism with { VirtualStages = wrong } });
        Named("shardGroup", Job with { Parallelism = Job.Parallelism with { ShardGroup = wrong } });
        Named("gpusPerNode", Job with { Parallelism = Job.Parallelism with { GpusPerNode = wrong } });
        Named("fsdpVersion", Job with { Parallelism = Job.Parallelism with { FsdpVersion = wrong } });
        Named("expertCapacityPercent", Job with { Parallelism = Job.Parallelism with { ExpertCapacityPercent = wrong } });
        Named("projectionRank", Job with { Training = Job.Training with { OptimizerRank = wrong } });
        Named("groupSize", Job with { Training = Job.Training with { Quantization = new QuantizationSpec(QuantizationScheme.GPTQ4, wrong) } });
    }

    [Fact]
    public void Choices_that_do_not_exist_are_problems_that_name_the_field()
    {
        Named("schedule", Job with { Parallelism = Job.Parallelism with { Schedule = (PipelineSchedule)9 } });
        Named("contextExchange", Job with { Parallelism = Job.Parallelism with { ContextExchange = (ContextExchange)9 } });
        Named("expertDispatch", Job with { Parallelism = Job.Parallelism with { ExpertDispatch = (ExpertDispatch)9 } });
        Named("implementation", Job with { Training = Job.Training with { OptimizerImplementation = (OptimizerImplementation)9 } });
        Named("scheme", Job with { Training = Job.Training with { Quantization = new QuantizationSpec((QuantizationScheme)99) } });
    }

    [Fact]
    public void States_of_a_shard_group_are_divided_inside_it_only()
    {
        var hybrid = MemoryEstimator.Estimate(Job with { Parallelism = Job.Parallelism with { Data = 32, ShardGroup = 8 } });
        Assert.Equal(MemoryEstimator.Estimate(Job).LowerBound, hybrid.LowerBound);
    }

    private static void Named(string field, JobSpec job) =>
        Assert.Contains(MemoryEstimator.Validate(job), problem => problem.Path.EndsWith(field, StringComparison.Ordinal));
}
