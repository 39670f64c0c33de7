using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class LitGptInferenceTests
{
    private const long Head = 128_256L * 4096;

    private static readonly InferenceSpec Llama = new() { Model = Example.Llama8B, PromptTokens = 128, Engine = InferenceEngine.LitGPT };

    [Fact]
    public void Embedding_and_head_are_whole_on_every_rank() => Assert.Equal(
        2 * 2 * 3 * Head / 4,
        Weights(Llama with { Tensor = 4 }) - Weights(Llama with { Tensor = 4, Engine = InferenceEngine.HuggingFace }),
        tolerance: 64);

    [Fact]
    public void The_head_is_quantised_too_and_expanded_for_its_product()
    {
        var quantised = Llama with { Quantization = new QuantizationSpec(QuantizationScheme.NF4) };
        var plain = quantised with { Engine = InferenceEngine.HuggingFace };
        Assert.Equal((Head * 9 / 16) - (2 * Head) + (4 * Head), Weights(quantised) - Weights(plain));
    }

    private static long Weights(InferenceSpec spec) => InferenceEstimator.Estimate(spec).Size(TermKind.Weights).Value;
}
