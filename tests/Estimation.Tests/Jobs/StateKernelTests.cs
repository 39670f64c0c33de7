using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Jobs;

/// <summary>Whoever trains a model with recurrent layers learns that kernels for them are taken to be there.</summary>
public sealed class StateKernelTests
{
    [Theory]
    [InlineData("Qwen/Qwen3.5-27B", TrainingFramework.HuggingFace, true)]
    [InlineData("Qwen/Qwen3.5-27B", TrainingFramework.Megatron, false)]
    [InlineData("Qwen/Qwen3-32B", TrainingFramework.HuggingFace, false)]
    public void Kernels_for_recurrent_layers_are_assumed_where_transformers_may_lack_them(string model, TrainingFramework framework, bool assumed)
    {
        var job = Example.Job(Example.Model(model), framework);
        Assert.Equal(assumed, MemoryEstimator.Estimate(job).Assumptions.Any(text => text.Contains("flash-linear-attention", StringComparison.Ordinal)));
    }
}
