using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.States;

public sealed class StepInBackwardTests
{
    private const long Largest = 128_256L * 4096;

    [Theory]
    [InlineData(Precision.BF16, 2)]
    [InlineData(Precision.FP32, 4)]
    public void Only_the_largest_gradient_remains(Precision precision, int bytes)
    {
        var job = Job(precision);
        Assert.Equal(bytes * Largest, Gradients(job with { Training = job.Training with { OptimizerInBackward = true } }));
        Assert.Equal(bytes * 8_030_261_248, Gradients(job));
    }

    [Theory]
    [InlineData(Optimizer.LOMO)]
    [InlineData(Optimizer.AdaLomo)]
    public void LOMO_always_steps_in_backward(Optimizer optimizer)
    {
        var job = Job(Precision.BF16);
        Assert.Equal(2 * Largest, Gradients(job with { Training = job.Training with { Optimizer = optimizer } }));
    }

    [Fact]
    public void Shards_of_gradients_stay_shards()
    {
        var job = Example.Job(Example.Llama8B, data: 64);
        Assert.Equal(4 * Largest / 64, Gradients(job with { Training = job.Training with { OptimizerInBackward = true } }));
    }

    [Fact]
    public void Accumulated_gradients_are_not_kept_either()
    {
        var job = Job(Precision.BF16);
        job = job with { Training = job.Training with { GlobalBatchSize = 4, OptimizerInBackward = true } };
        Assert.False(new RankContext(job, 0).PersistentGradients);
    }

    private static long Gradients(JobSpec job) => new ModelStates(new RankContext(job, 0)).Gradients.Expected;

    private static JobSpec Job(Precision precision)
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        return job with { Training = job.Training with { Precision = precision } };
    }
}
