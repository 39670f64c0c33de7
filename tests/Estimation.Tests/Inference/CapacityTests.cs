using GpuMem.Estimation.Jobs;
using GpuMem.Serving;
using GpuMem.Serving.Engines;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class CapacityTests
{
    /// <summary>Llama 3.1 8B on an H100: llm-d-benchmark's logs of late 2025, and a log of 0.19.</summary>
    [Theory]
    [InlineData("0.11", "79.18", 0.9, 51.38)]
    [InlineData("0.19", "79.19", 0.95, 58.11)]
    public void VLLM_fills_its_share_of_the_GPU_with_cache(string version, string gib, double share, double reported)
    {
        var spec = Serve(Example.Llama8B, 16_000) with { EngineVersion = version, MemoryFraction = (decimal)share, MaxSequences = 1024, CudaGraphs = true };
        Assert.Equal(reported, Capacity(spec, gib).Cache.GiB, tolerance: 0.005 * reported);
    }

    [Theory]
    [InlineData("79.11", 2, false)]
    [InlineData("79.11", 4, true)]
    [InlineData("139.9", 2, true)]
    public void Seventy_billion_parameters_need_several_GPUs(string gib, int tensor, bool fits) =>
        Assert.Equal(fits, Capacity(Serve(Example.Llama70B, 131_072) with { Tensor = tensor }, gib).Fits);

    /// <summary>The first three layers of DeepSeek V3 have no experts, and of its 61 the middle stages have one more: the first of these has the largest weights and the least room.</summary>
    [Fact]
    public void The_stage_with_the_least_room_may_lie_between_the_first_and_the_last()
    {
        var spec = Serve(Example.Model("deepseek-ai/DeepSeek-V3"), 8192) with { Tensor = 8, Pipeline = 8, MemoryFraction = 0.9m };
        var estimate = InferenceEstimator.Estimate(spec);
        Assert.Equal((2, InferenceEstimator.Estimate(spec, stage: 2).Expected), (estimate.WorstPipelineStage, estimate.Expected));
        Assert.True(Capacity(spec, "79.11").Cache < Bytes.FromGiB(79.11m * 0.9m) - InferenceEstimator.Estimate(spec, stage: 2).Size(TermKind.Weights));
    }

    /// <summary>
    /// vllm-project/vllm#32105: "71.16 GiB KV cache is needed, which is larger than the available KV cache memory (28.57 GiB). Based on the available memory, the
    /// estimated maximum model length is 81392" of GLM 4.6 on eight stages, each with an eighth of the layers.
    /// </summary>
    [Theory]
    [InlineData("0.14.1", false, 81_392)]
    [InlineData("0.15.2", false, 81_392)]
    [InlineData("0.13.0", true, 624_000)]
    [InlineData("0.16.0", true, 624_000)]
    public void Some_releases_want_room_in_each_stage_for_all_layers(string version, bool fits, long longest)
    {
        var spec = Serve(Example.Model("zai-org/GLM-4.6"), 202_752) with { Pipeline = 8, EngineVersion = version, CacheMemory = Bytes.FromGiB(28.57m) };
        var capacity = Capacity(spec, "139.8");
        Assert.Equal(fits, capacity.Fits);
        Assert.Equal(longest, capacity.MaxContext, tolerance: 0.01 * longest);
    }

    /// <summary>A cache whose layers do not all grow with the sequence: where none of the length asked for fits, it holds the longest that does.</summary>
    [Fact]
    public void A_cache_with_windows_holds_what_its_longest_sequence_has()
    {
        var capacity = Capacity(Serve(Example.Model("openai/gpt-oss-120b"), 400_000) with { MaxBatchedTokens = 8192 }, "79.11");
        Assert.Equal((0L, capacity.MaxContext), (capacity.Sequences, capacity.Tokens));
        Assert.True(capacity.MaxContext > 1000);
    }

    [Fact]
    public void What_does_not_fit_has_no_cache_and_no_context()
    {
        var capacity = Capacity(Serve(Example.Llama70B, 8192), "139.9");
        Assert.Equal((Bytes.Zero, 0L, 0L, 0L, false), (capacity.Cache, capacity.Tokens, capacity.Sequences, capacity.MaxContext, capacity.Fits));
    }

    [Theory]
    [InlineData(0.98, null, "79.18", true)]
    [InlineData(0.998, null, "79.18", false)]
    [InlineData(0.998, "0.9.1", "79.18", false)]
    [InlineData(0.998, "0.8.5", "79.18", true)]
    [InlineData(0.99, "0.29.0", "22.03", true)]
    [InlineData(0.995, "0.29.0", "22.03", false)]
    public void VLLM_does_not_start_where_its_share_is_not_free(double share, string? version, string gpu, bool starts) =>
        Assert.Equal(starts, Capacity(Serve(Example.Llama8B, 2048) with { MemoryFraction = (decimal)share, EngineVersion = version }, gpu).Fits);

    [Theory]
    [InlineData(20, true)]
    [InlineData(60, true)]
    [InlineData(64, false)]
    public void A_stated_cache_is_taken_as_it_is_where_it_has_room_beside_the_rest(int gib, bool fits)
    {
        var capacity = Capacity(Serve(Example.Llama8B, 8192) with { CacheMemory = Bytes.FromGiB(gib) }, "79.11");
        Assert.Equal((fits ? Bytes.FromGiB(gib) : Bytes.Zero, fits), (capacity.Cache, capacity.Fits));
    }

    [Theory]
    [InlineData(InferenceEngine.VLLM)]
    [InlineData(InferenceEngine.SGLang)]
    public void Weights_that_stay_on_the_host_leave_room_for_the_cache(InferenceEngine engine)
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = engine };
        Assert.Equal(Bytes.FromGiB(4), Capacity(spec with { WeightsOnHost = Bytes.FromGiB(4) }, "79.11").Cache - Capacity(spec, "79.11").Cache);
        Assert.Equal(Bytes.Zero, InferenceEstimator.Estimate(spec with { WeightsOnHost = Bytes.FromGiB(40) }).Terms.Where(term => term.Kind == TermKind.Weights).Aggregate(Bytes.Zero, (sum, term) => sum + term.Expected));
    }

    [Theory]
    [InlineData("0.19.0", 256, 0)]
    [InlineData("0.21.0", 256, 51)]
    [InlineData(null, 1024, 51)]
    [InlineData(null, 8, 5)]
    [InlineData(null, 1, 2)]
    public void Graphs_of_all_sizes_count_against_the_share_since_0_21(string? version, long sequences, int sizes)
    {
        var spec = Serve(Example.Llama8B, 8192) with { EngineVersion = version, MaxSequences = sequences };
        Assert.Equal(sizes * 32 * Bytes.PerMiB, Capacity(spec, "79.11").Cache.Value - Capacity(spec with { CudaGraphs = true }, "79.11").Cache.Value);
    }

    [Theory]
    [InlineData(InferenceEngine.VLLM, "0.19", 0.90)]
    [InlineData(InferenceEngine.VLLM, "0.22.1", 0.92)]
    [InlineData(InferenceEngine.VLLM, null, 0.92)]
    [InlineData(InferenceEngine.KAITO, null, 0.84)]
    public void The_share_is_that_of_the_release(InferenceEngine engine, string? version, double share)
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = engine, EngineVersion = version };
        Assert.Equal(Capacity(spec with { MemoryFraction = (decimal)share }, "79.11").Cache, Capacity(spec, "79.11").Cache);
    }

    [Theory]
    [InlineData("H100", 79.1, null, 8192, 1024)]
    [InlineData("NVIDIA A100 SXM4 80GB", 79.1, null, 2048, 256)]
    [InlineData("L4", 22, null, 2048, 256)]
    [InlineData("B200", 178, null, 16_384, 1024)]
    [InlineData("B200", 178, "0.19", 8192, 1024)]
    public void The_largest_pass_is_chosen_by_the_memory_of_the_card(string gpu, double gib, string? version, long tokens, long sequences)
    {
        var spec = EngineDefaults.On(Serve(Example.Llama8B, 8192) with { EngineVersion = version }, gpu, Bytes.FromGiB((decimal)gib), statesTokens: false, statesSequences: false);
        Assert.Equal((tokens, sequences), (spec.MaxBatchedTokens, spec.MaxSequences));
    }

    [Theory]
    [InlineData(23.6, 2048, 24)]
    [InlineData(44.5, 4096, 32)]
    [InlineData(139.8, 8192, 256)]
    [InlineData(178, 16_384, 512)]
    public void SGLang_chooses_its_chunk_and_graphs_by_the_memory_of_the_card(double gib, long tokens, long sequences)
    {
        var spec = EngineDefaults.On(Serve(Example.Llama8B, 8192) with { Engine = InferenceEngine.SGLang }, "any", Bytes.FromGiB((decimal)gib), statesTokens: false, statesSequences: false);
        Assert.Equal((tokens, sequences), (spec.MaxBatchedTokens, spec.MaxSequences));
    }

    [Fact]
    public void A_release_that_is_not_known_is_taken_as_the_one_before_and_said()
    {
        var spec = Serve(Example.Llama8B, 8192) with { EngineVersion = "0.24.1" };
        Assert.Equal(Capacity(spec with { EngineVersion = "0.20" }, "79.11").Cache, Capacity(spec, "79.11").Cache);
        Assert.Contains(InferenceEstimator.Estimate(spec).Assumptions, text => text.Contains("vLLM 0.24.1 is not known", StringComparison.Ordinal) && text.Contains("0.20", StringComparison.Ordinal));
        Assert.DoesNotContain(InferenceEstimator.Estimate(spec with { EngineVersion = "0.19.3" }).Assumptions, text => text.Contains("not known", StringComparison.Ordinal));
    }

    [Fact]
    public void Llama_cpp_allocates_whole_cells_for_each_slot()
    {
        var spec = Serve(Example.Llama8B, 1639) with { Engine = InferenceEngine.LlamaCpp, Batch = 5 };
        Assert.Equal(1792 * 131_072L, new KeyValueCache(new ServedRank(spec, 0)).OfSequence(spec.InputLength));
    }

    [Fact]
    public void Llama_cpp_keeps_keys_and_values_in_types_of_their_own()
    {
        var spec = Serve(Example.Llama8B, 256) with { Engine = InferenceEngine.LlamaCpp, KvCacheDtype = KeyValueCacheType.Q8, ValueCacheDtype = KeyValueCacheType.Q4 };
        Assert.Equal(32 * 1024 * (34 + 18) / 32, new KeyValueCache(new ServedRank(spec, 0)).PerToken);
    }

    /// <summary>Ten layers of attention beside 54 states of 1,342,976 bytes: with 4,096 bytes a token, 336 of them hold one, and six groups of ten layers hold all.</summary>
    [Theory]
    [InlineData("0.26", 1)]
    [InlineData("0.28", 2)]
    public void A_page_of_a_hybrid_holds_a_state_and_prefix_caching_wants_two(string version, int pages)
    {
        var mamba = KeyValueCacheTests.Mamba2(64);
        var model = mamba with { KeyValueHeads = 16, FeedForwardSize = 64, StateSpace = mamba.StateSpace! with { Layers = 54 } };
        var cache = new KeyValueCache(new ServedRank(Serve(model, 1000) with { EngineVersion = version }, 0));
        Assert.Equal(336, cache.Page);
        Assert.Equal((10 * 1008 * 4096L) + (60L * pages * 336 * 4096), cache.OfSequence(1000));
    }

    [Theory]
    [InlineData(81_559, 8192, 256, 1, 0.835)]
    [InlineData(81_559, 8192, 512, 8, 0.818)]
    [InlineData(23_034, 2048, 8, 1, 0.838)]
    public void SGLang_sets_aside_chunks_graphs_and_communication(long mebibytes, long chunk, long batch, int tensor, double fraction)
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = InferenceEngine.SGLang, MaxBatchedTokens = chunk, MaxSequences = batch, Tensor = tensor };
        var reserved = SgLang.ReservedMiB(spec, mebibytes * Bytes.PerMiB);
        Assert.Equal(fraction, 1 - ((double)reserved / mebibytes), tolerance: 0.001);
    }

    /// <summary>About 509,000 tokens of DeepSeek-R1 on eight H200 with a share of 0.82 (ai-dynamo/aisimulate#263): of 139.8 GiB 137.6 are free before it loads.</summary>
    [Fact]
    public void SGLang_takes_a_share_of_what_is_free_before_it_loads()
    {
        var spec = Serve(Example.Model("deepseek-ai/DeepSeek-V3"), 8192) with { Engine = InferenceEngine.SGLang, Tensor = 8, MemoryFraction = 0.82m, Quantization = new(QuantizationScheme.FP8) };
        Assert.Equal(509_000, Capacity(spec, "139.8").Tokens, tolerance: 0.01 * 509_000);
    }

    /// <summary>Of Kimi K2.5 on eight MI355X its log says 73.58 GB of weights and 160.63 of cache, 0.826 of the 283.6 that were free: 0.908 of a card without a tower.</summary>
    [Theory]
    [InlineData(0, 0.908)]
    [InlineData(27L * 1152 * 1152, 0.826)]
    [InlineData(24L * 1024 * 1024, 0.863)]
    [InlineData(1L << 40, 0.690)]
    public void SGLang_leaves_more_for_pictures_where_no_share_is_stated(long complexity, double share)
    {
        var spec = Serve(Example.Llama8B with { PictureComplexity = complexity }, 8192) with { Engine = InferenceEngine.SGLang, Tensor = 8, MaxBatchedTokens = 16_384, MaxSequences = 512 };
        var stated = Capacity(spec with { MemoryFraction = (decimal)share }, "288").Cache.GiB;
        Assert.Equal(stated, Capacity(spec, "288").Cache.GiB, tolerance: 0.3);
        Assert.Equal(Capacity(spec with { TextOnly = true }, "288").Cache, Capacity(spec with { Model = Example.Llama8B }, "288").Cache);
    }

    /// <summary>sglang/srt/lora/lora_manager.py allocates before the pool of the cache is sized.</summary>
    [Fact]
    public void Adapters_of_SGLang_take_from_its_cache()
    {
        var spec = Serve(Example.Llama8B, 8192) with { Engine = InferenceEngine.SGLang };
        var adapters = spec with { LoraSlots = 8 };
        Assert.Equal(InferenceEstimator.Estimate(adapters).Terms.Single(term => term.Kind == TermKind.Adapters).Expected, Capacity(spec, "79.11").Cache - Capacity(adapters, "79.11").Cache);
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
