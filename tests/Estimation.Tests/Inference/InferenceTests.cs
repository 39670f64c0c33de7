using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class InferenceTests
{
    private static readonly InferenceSpec Llama = new() { Model = Example.Llama8B, PromptTokens = 8192 };

    [Fact]
    public void Weights_and_cache_are_what_is_certain()
    {
        var estimate = InferenceEstimator.Estimate(Llama);
        Assert.Equal((2 * 8_030_261_248) + (8192 * 131_072L), estimate.LowerBound.Value);
        Assert.Equal(estimate.LowerBound, estimate.Size(TermKind.Weights, TermKind.KeyValueCache));
    }

    [Theory]
    [InlineData("Qwen3-0.6B", 2.018)]
    [InlineData("Qwen3-1.7B", 4.114)]
    [InlineData("Qwen3-8B", 16.417)]
    public void Weights_and_cache_are_near_what_was_measured_with_transformers(string model, double gib)
    {
        var estimate = InferenceEstimator.Estimate(Llama with { Model = Example.Model(model) });
        Assert.InRange(estimate.LowerBound.GiB, 0.98 * gib, gib);
    }

    [Theory]
    [InlineData(QuantizationScheme.NF4, 0.5625)]
    [InlineData(QuantizationScheme.NF4DoubleQuantized, 2113.0 / 4096)]
    [InlineData(QuantizationScheme.INT8, 1)]
    [InlineData(QuantizationScheme.GPTQ4, 0.51953125)]
    [InlineData(QuantizationScheme.GPTQ8, 1.0234375)]
    [InlineData(QuantizationScheme.AWQ4, 0.51953125)]
    [InlineData(QuantizationScheme.FP8, 16_388.0 / 16_384)]
    public void Quantised_weights_of_linear_layers_take_their_bytes_and_scales(QuantizationScheme scheme, double bytes)
    {
        const long linear = 6_979_321_856;
        var weights = Weights(Llama with { Quantization = new QuantizationSpec(scheme) });
        Assert.Equal((long)Math.Ceiling(linear * bytes) + (2 * (8_030_261_248 - linear)), weights);
        Assert.True(weights < Weights(Llama));
    }

    [Fact]
    public void A_smaller_group_has_more_scales() => Assert.True(
        Weights(Llama with { Quantization = new QuantizationSpec(QuantizationScheme.GPTQ4, 32) }) > Weights(Llama with { Quantization = new QuantizationSpec(QuantizationScheme.GPTQ4, 128) }));

    [Fact]
    public void A_paged_cache_is_rounded_up_to_pages()
    {
        var spec = Llama with { PromptTokens = 1000, Engine = InferenceEngine.VLLM };
        Assert.Equal(1008 * 131_072, InferenceEstimator.Estimate(spec).Size(TermKind.KeyValueCache).Value);
    }

    [Fact]
    public void Generated_tokens_are_cached_like_those_of_the_prompt() =>
        Assert.Equal(100 * 131_072, Cache(Llama with { PromptTokens = 60, GeneratedTokens = 40 }));

    [Theory]
    [InlineData(2, 16)]
    [InlineData(3, 11)]
    public void The_first_stage_caches_its_own_layers(int pipeline, int layers) =>
        Assert.Equal(8192L * 4096 * layers, Cache(Llama with { Pipeline = pipeline }));

    [Fact]
    public void Logits_of_the_whole_prompt_count_every_token()
    {
        var last = InferenceEstimator.Estimate(Llama).Size(TermKind.Logits).Value;
        Assert.Equal(8192 * last, InferenceEstimator.Estimate(Llama with { LogitsOfAllTokens = true }).Size(TermKind.Logits).Value);
    }

    [Fact]
    public void Tensor_parallel_ranks_need_a_communicator() =>
        Assert.True(InferenceEstimator.Estimate(Llama with { Tensor = 2 }).Size(TermKind.Nccl) > Bytes.Zero);

    [Fact]
    public void Every_term_is_explained() => Assert.All(
        InferenceEstimator.Estimate(Llama with { Tensor = 2 }).Terms, term => Assert.All((string[])[term.Formula, term.Numbers, term.Source], Assert.NotEmpty));

    private static long Weights(InferenceSpec spec) => InferenceEstimator.Estimate(spec).Size(TermKind.Weights).Value;

    private static long Cache(InferenceSpec spec) => InferenceEstimator.Estimate(spec).Size(TermKind.KeyValueCache).Value;
}
