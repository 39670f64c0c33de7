using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class InferenceRefusalTests
{
    private static readonly InferenceSpec Llama = new() { Model = Example.Llama8B, PromptTokens = 128 };

    [Fact]
    public void Counts_below_one_are_refused()
    {
        InferenceSpec[] wrong =
        [
            Llama with { Sequences = 0 }, Llama with { PromptTokens = 0 }, Llama with { PromptTokens = -5 }, Llama with { GeneratedTokens = -1 },
            Llama with { Tensor = 0 }, Llama with { Pipeline = -1 }, Llama with { Pipeline = 33 },
        ];
        Assert.All(wrong, spec => Assert.Throws<InvalidJobException>(() => InferenceEstimator.Estimate(spec)));
    }

    [Fact]
    public void A_size_beyond_63_bits_is_refused()
    {
        InferenceSpec[] wrong = [Llama with { Sequences = long.MaxValue }, Llama with { PromptTokens = long.MaxValue }, Llama with { GeneratedTokens = long.MaxValue, Sequences = 2 }];
        Assert.All(wrong, spec => Assert.Contains("8 EiB", Assert.Throws<InvalidJobException>(() => InferenceEstimator.Estimate(spec)).Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-64)]
    public void A_group_of_no_weights_is_refused(int group)
    {
        var spec = Llama with { Quantization = new QuantizationSpec(QuantizationScheme.AWQ4, group) };
        Assert.Contains("groupSize", Assert.Throws<InvalidJobException>(() => InferenceEstimator.Estimate(spec)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_cannot_be_is_refused() =>
        Assert.Throws<InvalidJobException>(() => InferenceEstimator.Estimate(Llama with { Model = Example.Llama8B with { KeyValueHeads = 0 } }));
}
