using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class CapacityTests
{
    [Theory]
    [InlineData("79.11", 8192, 460_895)]
    [InlineData("79.15", 2048, 465_228)]
    [InlineData("44.42", 2048, 203_481)]
    [InlineData("23.64", 2048, 46_869)]
    [InlineData("22.05", 2048, 34_886)]
    public void VLLM_fills_its_share_of_the_GPU_with_cache(string gib, long batchedTokens, long tokens)
    {
        var spec = Serve(Example.Llama8B, 8192) with { MaxBatchedTokens = batchedTokens };
        Assert.Equal(tokens, Capacity(spec, gib).Tokens);
    }

    [Theory]
    [InlineData("79.11", 2, 29_969)]
    [InlineData("79.11", 4, 490_564)]
    [InlineData("139.9", 2, 396_491)]
    public void Seventy_billion_parameters_need_several_GPUs(string gib, int tensor, long tokens)
    {
        var capacity = Capacity(Serve(Example.Llama70B, 131_072) with { Tensor = tensor }, gib);
        Assert.Equal(tokens, capacity.Tokens, tolerance: tokens * 0.01);
        Assert.Equal(tokens >= 131_072, capacity.Fits);
    }

    [Fact]
    public void What_does_not_fit_has_no_cache_and_no_context()
    {
        var capacity = Capacity(Serve(Example.Llama70B, 8192), "139.9");
        Assert.Equal((Bytes.Zero, 0L, 0L, 0L, false), (capacity.Cache, capacity.Tokens, capacity.Sequences, capacity.MaxContext, capacity.Fits));
    }

    [Fact]
    public void Graphs_count_against_the_share()
    {
        var spec = Serve(Example.Llama8B, 8192);
        Assert.Equal(Bytes.PerGiB / 2, Capacity(spec, "79.11").Cache.Value - Capacity(spec with { CudaGraphs = true }, "79.11").Cache.Value);
    }

    [Theory]
    [InlineData(81_559, 8192, 256, 1, 0.835)]
    [InlineData(81_559, 8192, 512, 8, 0.818)]
    [InlineData(23_034, 2048, 8, 1, 0.838)]
    public void SGLang_sets_aside_chunks_graphs_and_communication(long mebibytes, long chunk, long batch, int tensor, double fraction)
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = InferenceEngine.SGLang, MaxBatchedTokens = chunk, MaxSequences = batch, Tensor = tensor };
        var reserved = EngineBudget.SgLangReservedMiB(spec, mebibytes * Bytes.PerMiB);
        Assert.Equal(fraction, 1 - ((double)reserved / mebibytes), tolerance: 0.001);
    }

    [Fact]
    public void TensorRT_takes_a_share_of_what_is_free_after_loading()
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = InferenceEngine.TensorRTLLM };
        var (all, share) = (Capacity(spec with { MemoryFraction = 1m }, "79.11").Cache, Capacity(spec, "79.11").Cache);
        Assert.Equal(0.9 * all.Value, share.Value, tolerance: 1.0);
    }

    [Fact]
    public void The_longest_sequence_is_the_longest_that_fits()
    {
        var spec = Serve(Example.Model("google/gemma-3-27b-pt"), 131_072) with { Engine = InferenceEngine.Other };
        var capacity = Capacity(spec, "79.11");
        var cache = new KeyValueCache(new ServedRank(spec, 0));
        Assert.True(cache.OfSequence(capacity.MaxContext) <= capacity.Cache.Value);
        Assert.True(cache.OfSequence(capacity.MaxContext + 1) > capacity.Cache.Value);
    }

    private static InferenceSpec Serve(ModelArchitecture model, long context) => new() { Model = model, InputLength = context, CudaGraphs = false };

    private static InferenceCapacity Capacity(InferenceSpec spec, string gib) =>
        InferenceEstimator.Capacity(spec, Bytes.FromGiB(decimal.Parse(gib, System.Globalization.CultureInfo.InvariantCulture)));
}
