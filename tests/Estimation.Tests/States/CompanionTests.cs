using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.States;

/// <summary>What is kept beside the model in training: an average of its weights, and a model to compare with.</summary>
public sealed class CompanionTests
{
    private const long Parameters = 8_030_261_248;

    [Theory]
    [InlineData(TrainingFramework.DDP, Sharding.None, 1, 4 * Parameters)]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Full, 8, 4 * Parameters / 8)]
    [InlineData(TrainingFramework.DeepSpeed, Sharding.Optimizer, 8, 4 * Parameters / 8)]
    public void A_moving_average_takes_four_bytes_per_parameter_and_is_divided_like_states(TrainingFramework framework, Sharding sharding, int data, long bytes)
    {
        var estimate = With(Example.Job(Example.Llama8B, framework, data, sharding), training => training with { MovingAverage = true });
        Assert.Equal(bytes, estimate.Size(TermKind.MovingAverage).Value);
    }

    [Fact]
    public void The_average_of_adapters_is_as_small_as_they_are()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        var estimate = With(job, training => training with { Method = TrainingMethod.LoRA, MovingAverage = true });
        Assert.Equal(4 * 41_943_040, estimate.Size(TermKind.MovingAverage).Value);
    }

    [Theory]
    [InlineData(TrainingFramework.DDP, Sharding.None, 1, 2 * Parameters)]
    [InlineData(TrainingFramework.PyTorchFSDP, Sharding.Full, 8, 2 * Parameters / 8)]
    public void A_reference_model_is_frozen_weights_and_nothing_else(TrainingFramework framework, Sharding sharding, int data, long bytes)
    {
        var job = Example.Job(Example.Llama8B, framework, data, sharding);
        var estimate = With(job, training => training with { ReferenceModel = true });
        Assert.Equal(bytes, estimate.Size(TermKind.ReferenceModel).Value);
        Assert.Equal(MemoryEstimator.Estimate(job).LowerBound.Value + bytes, estimate.LowerBound.Value);
    }

    [Fact]
    public void Adapters_are_compared_with_the_model_under_them()
    {
        var job = Example.Job(Example.Llama8B, TrainingFramework.HuggingFace, sharding: Sharding.None);
        var estimate = With(job, training => training with { Method = TrainingMethod.LoRA, ReferenceModel = true });
        Assert.Equal(Bytes.Zero, estimate.Size(TermKind.ReferenceModel));
    }

    [Fact]
    public void Chosen_and_rejected_answers_double_the_batch()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        var two = With(job, training => training with { MicroBatchSize = 2 });
        var pairs = With(job, training => training with { Objective = TrainingObjective.DPO });
        Assert.Equal(two.Size(TermKind.Logits, TermKind.Activations), pairs.Size(TermKind.Logits, TermKind.Activations));
    }

    [Fact]
    public void Both_leave_with_the_parameters()
    {
        var job = Example.Job(Example.Llama8B, data: 8);
        var offload = new OffloadSpec { Parameters = OffloadTarget.Host };
        var estimate = With(job, training => training with { MovingAverage = true, ReferenceModel = true, Offload = offload });
        Assert.Equal(Bytes.Zero, estimate.Size(TermKind.MovingAverage, TermKind.ReferenceModel));
        Assert.Equal((16 + 4 + 2) * Parameters, estimate.HostMemoryPerNode.Value, tolerance: 64);
    }

    [Fact]
    public void Both_are_explained()
    {
        var estimate = With(Example.Job(Example.Llama8B, data: 8), training => training with { MovingAverage = true, ReferenceModel = true });
        Assert.Equal("4 B · 8,030,261,248 / 8", estimate.Terms.Single(term => term.Kind == TermKind.MovingAverage).Numbers);
        Assert.Equal("2 B · 8,030,261,248 / 8", estimate.Terms.Single(term => term.Kind == TermKind.ReferenceModel).Numbers);
    }

    private static Estimate With(JobSpec job, Func<TrainingSpec, TrainingSpec> change) => MemoryEstimator.Estimate(job with { Training = change(job.Training) });
}
