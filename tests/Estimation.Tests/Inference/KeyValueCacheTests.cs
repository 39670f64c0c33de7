using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class KeyValueCacheTests
{
    private static readonly ModelArchitecture Gemma27B = Example.Model("google/gemma-3-27b-pt") with { Window = new SlidingWindow(1024, 52) };

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B", 131_072)]
    [InlineData("meta-llama/Llama-3.1-70B", 327_680)]
    [InlineData("meta-llama/Llama-3.1-405B", 516_096)]
    [InlineData("Llama-2-7B", 524_288)]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 131_072)]
    [InlineData("Qwen2.5-7B", 57_344)]
    [InlineData("deepseek-ai/DeepSeek-V3", 70_272)]
    public void A_token_takes_keys_and_values_of_every_layer(string model, long bytes) =>
        Assert.Equal(bytes, KeyValueCache.BytesPerToken(Example.Model(model), DataType.BF16));

    [Fact]
    public void A_window_bounds_what_local_layers_keep() =>
        Assert.Equal(11_173_625_856, KeyValueCache.Bytes(Gemma27B, DataType.BF16, sequences: 1, tokens: 131_072));

    [Fact]
    public void A_sequence_shorter_than_the_window_is_kept_whole() => Assert.Equal(
        KeyValueCache.Bytes(Gemma27B with { Window = null }, DataType.BF16, sequences: 3, tokens: 1000),
        KeyValueCache.Bytes(Gemma27B, DataType.BF16, sequences: 3, tokens: 1000));

    [Fact]
    public void Without_a_window_every_layer_keeps_every_token() =>
        Assert.Equal(62.0, new Bytes(KeyValueCache.Bytes(Gemma27B with { Window = null }, DataType.BF16, 1, 131_072)).GiB);

    [Theory]
    [InlineData(DataType.FP8, 65_536)]
    [InlineData(DataType.INT8, 65_536)]
    [InlineData(DataType.NVFP4, 36_864)]
    [InlineData(DataType.FP32, 262_144)]
    public void The_type_of_the_cache_decides_its_bytes(DataType type, long bytes) =>
        Assert.Equal(bytes, KeyValueCache.BytesPerToken(Example.Llama8B, type));

    [Theory]
    [InlineData(2, 65_536)]
    [InlineData(8, 16_384)]
    [InlineData(16, 16_384)]
    public void Tensor_parallel_ranks_divide_heads_and_repeat_those_they_cannot_divide(int tensor, long bytes) =>
        Assert.Equal(bytes, KeyValueCache.BytesPerToken(Example.Llama8B, DataType.BF16, tensor));

    [Fact]
    public void Latent_vectors_are_whole_on_every_rank() =>
        Assert.Equal(70_272, KeyValueCache.BytesPerToken(Example.Model("deepseek-ai/DeepSeek-V3"), DataType.BF16, tensor: 8));

    [Theory]
    [InlineData(1, 16)]
    [InlineData(16, 16)]
    [InlineData(1000, 1008)]
    public void Pages_are_set_aside_whole(long tokens, long paged) => Assert.Equal(paged, KeyValueCache.Paged(tokens));

    [Fact]
    public void A_recurrent_state_has_one_size_for_any_length()
    {
        // state-spaces/mamba2-2.7b: 64 layers of width 5120, 80 heads of 64, a state of 128.
        var space = new StateSpace { Layers = 64, InnerSize = 5120, StateSize = 128, Heads = 80, HeadDimension = 64 };
        var model = Example.Llama8B with { Layers = 64, StateSpace = space };
        Assert.Equal(64 * 1_342_976, KeyValueCache.Bytes(model, DataType.BF16, sequences: 1, tokens: 1));
        Assert.Equal(64 * 1_342_976, KeyValueCache.Bytes(model, DataType.BF16, sequences: 1, tokens: 1_000_000));
    }
}
