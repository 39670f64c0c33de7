using GpuMem.Estimation.Jobs;
using GpuMem.Serving;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class KeyValueCacheTests
{
    [Theory]
    [InlineData("meta-llama/Llama-2-7b-hf", 524_288)]
    [InlineData("meta-llama/Llama-3.1-8B", 131_072)]
    [InlineData("mistralai/Mixtral-8x7B-v0.1", 131_072)]
    [InlineData("meta-llama/Llama-3.1-70B", 327_680)]
    [InlineData("meta-llama/Llama-3.1-405B", 516_096)]
    [InlineData("Qwen/Qwen2.5-7B", 57_344)]
    [InlineData("Qwen/Qwen3-32B", 262_144)]
    [InlineData("google/gemma-2-27b", 376_832)]
    [InlineData("openai-community/gpt2", 36_864)]
    [InlineData("deepseek-ai/DeepSeek-V3", 70_272)]
    public void A_token_adds_its_bytes_in_all_layers(string name, long bytes) => Assert.Equal(bytes, Cache(Spec(Example.Model(name))).PerToken);

    [Fact]
    public void Latent_attention_in_fp8_takes_656_bytes_per_token_and_layer()
    {
        var cache = Cache(Spec(Example.Model("deepseek-ai/DeepSeek-V3")) with { KvCacheDtype = KeyValueCacheType.FP8DeepSeek });
        Assert.Equal((656, 61 * 656), (cache.Width, cache.PerToken));
    }

    /// <summary>
    /// vllm-project/vllm#44376 on two GPUs with 16,384 tokens a pass: "6.66 GiB KV cache is needed, which is larger than the available KV cache memory (5.44 GiB).
    /// Based on the available memory, the estimated maximum model length is 13528" of 30,000. A block is 22 times 37,440 + 8,640 + 1,728 B.
    /// </summary>
    [Theory]
    [InlineData(30_000, 6.66)]
    [InlineData(13_528, 5.44)]
    public void VLLM_gives_out_states_of_compressors_by_the_tokens_of_a_pass(long tokens, double gib)
    {
        var cache = Cache(Spec(Example.Model("deepseek-ai/DeepSeek-V4-Flash")) with { Engine = InferenceEngine.VLLM, KvCacheDtype = KeyValueCacheType.FP8, MaxBatchedTokens = 16_384 });
        Assert.Equal(gib, (double)cache.OfSequence(tokens) / Bytes.PerGiB, tolerance: 0.005);
        Assert.Equal(0, cache.OfSequence(tokens) % (22 * (37_440 + 8_640 + 1_728)));
    }

    /// <summary>A longer sequence adds what its entries take: 1,000,000 tokens more are 3,907 blocks.</summary>
    [Fact]
    public void Beyond_a_pass_a_compressed_cache_grows_by_its_entries_alone()
    {
        var cache = Cache(Spec(Example.Model("deepseek-ai/DeepSeek-V4-Flash")) with { Engine = InferenceEngine.VLLM, KvCacheDtype = KeyValueCacheType.FP8 });
        Assert.Equal(3907L * 22 * (37_440 + 8_640 + 1_728), cache.OfSequence(1_100_032) - cache.OfSequence(99_840));
    }

    [Fact]
    public void Latent_attention_is_not_divided_by_tensor_parallelism_but_heads_are()
    {
        Assert.Equal(70_272, Cache(Spec(Example.Model("deepseek-ai/DeepSeek-V3")) with { Tensor = 8 }).PerToken);
        Assert.Equal(131_072 / 8, Cache(Spec(Example.Llama8B) with { Tensor = 8 }).PerToken);
    }

    [Fact]
    public void Fewer_key_value_heads_than_ranks_are_repeated() => Assert.Equal(131_072 / 8, Cache(Spec(Example.Llama8B) with { Tensor = 32 }).PerToken);

    [Fact]
    public void Transformers_caches_every_head_of_latent_attention()
    {
        var cache = Cache(Spec(Example.Model("deepseek-ai/DeepSeek-V3")) with { Engine = InferenceEngine.HuggingFace });
        Assert.Equal(2 * 128 * (192 + 128), cache.Width);
    }

    [Theory]
    [InlineData(KeyValueCacheType.FP32, false, 262_144)]
    [InlineData(KeyValueCacheType.FP8, false, 65_536)]
    [InlineData(KeyValueCacheType.INT8, true, 65_536 + (32 * 2 * 8 * 4))]
    [InlineData(KeyValueCacheType.NVFP4, false, 32 * 2 * 8 * (64 + 8))]
    public void The_type_of_the_cache_and_its_scales_decide_its_size(KeyValueCacheType type, bool scales, long bytes) =>
        Assert.Equal(bytes, Cache(Spec(Example.Llama8B) with { KvCacheDtype = type, CacheScalesPerTokenHead = scales }).PerToken);

    [Fact]
    public void Sixteen_GiB_hold_one_sequence_of_131072_tokens() => Assert.Equal(16 * Bytes.PerGiB, Cache(Spec(Example.Llama8B)).OfSequence(131_072));

    [Fact]
    public void Local_layers_keep_their_window_only() =>
        Assert.Equal(11_173_625_856, Cache(Spec(Example.Model("google/gemma-3-27b-pt"))).OfSequence(131_072));

    [Fact]
    public void Without_windows_the_same_model_keeps_six_times_as_much()
    {
        var model = Example.Model("google/gemma-3-27b-pt") with { Window = null };
        Assert.Equal(62 * Bytes.PerGiB, Cache(Spec(model)).OfSequence(131_072));
    }

    /// <summary>What is kept is a view, and the whole prompt lives as long as it does: findings/transformers-sliding-prompt.sh.</summary>
    [Theory]
    [InlineData("google/gemma-3-27b-pt", 62)]
    [InlineData("openai/gpt-oss-20b", 6)]
    public void Sliding_layers_of_transformers_hold_a_whole_prompt_until_the_next_token(string name, int gib)
    {
        var spec = Spec(Example.Model(name)) with { Engine = InferenceEngine.HuggingFace, InputLength = 131_072, OutputLength = 1 };
        var server = new ServedMemory(new ServedRank(spec, 0));
        server.In(Phase.Prefill, out var prompt);
        server.In(Phase.Decode, out var next);
        Assert.Equal(gib * Bytes.PerGiB, prompt[TermKind.KeyValueCache].Expected);
        Assert.InRange(next[TermKind.KeyValueCache].Expected, 1, (gib * Bytes.PerGiB * 2) / 3);
    }

    /// <summary>Ten layers that see all, and 52 with a window in six groups of ten: 60 · 9,232 tokens of 8 KiB.</summary>
    [Fact]
    public void Paged_engines_reserve_window_pass_and_a_page_for_local_layers()
    {
        var cache = Cache(Spec(Example.Model("google/gemma-3-27b-pt")) with { Engine = InferenceEngine.VLLM });
        Assert.Equal(10.00 + 4.23, (double)cache.OfSequence(131_072) / Bytes.PerGiB, tolerance: 0.01);
    }

    /// <summary>
    /// Qwen3.5-122B-A10B with FP8 keys on one GPU of 128 GB, by its logs: 21.43 GiB are "11.79x" of 131,072 tokens with prefix caching, and 24.05 GiB "6.42x" of
    /// 262,144 with a module that proposes one token. A page of 4,176 · 1,024 B holds a state; with a token more in the convolution, 4,192. The module makes
    /// thirteen layers that see all, and the 36 with states take three groups of thirteen: 63 + 3 · 3 blocks of thirteen pages.
    /// </summary>
    [Fact]
    public void VLLM_keeps_a_state_more_for_prefixes_and_for_each_token_that_is_proposed()
    {
        var spec = Spec(Example.Model("Qwen/Qwen3.5-122B-A10B")) with { Engine = InferenceEngine.VLLM, EngineVersion = "0.19.0", KvCacheDtype = KeyValueCacheType.FP8 };
        var plain = Cache(spec).OfSequence(131_072);
        Assert.Equal((32 + 3) * 12 * 4176L * 1024, plain);
        var caching = Cache(spec with { PrefixCaching = true }).OfSequence(131_072);
        Assert.Equal((32 + 6) * 12 * 4176L * 1024, caching);
        Assert.Equal(11.79, 21.43 * Bytes.PerGiB / caching, tolerance: 0.1);
        var proposing = Cache(spec with { PrefixCaching = true, PredictionModules = true }).OfSequence(262_144);
        Assert.Equal((63 + 9) * 13 * 4192L * 1024, proposing);
        Assert.Equal(6.42, 24.05 * Bytes.PerGiB / proposing, tolerance: 0.05);
    }

    /// <summary>
    /// The same with a draft of six tokens that is left out of the estimate: eight states of each layer (vLLM 0.22 of Qwen3.6-35B-A3B with DFlash takes them: "Setting
    /// attention block size to 1104 tokens", 7.35x of 200,000 in 71.59 GiB).
    /// </summary>
    [Fact]
    public void States_for_proposed_tokens_are_held_whoever_proposes_them()
    {
        var spec = Spec(Example.Model("Qwen/Qwen3.6-35B-A3B")) with { Engine = InferenceEngine.VLLM, EngineVersion = "0.22.0", PrefixCaching = true };
        var cache = Cache(spec with { ProposedTokens = 6 });
        Assert.Equal(1104, cache.Page);
        Assert.Equal((182 + (3 * 8)) * 10 * 1104L * 2048, cache.OfSequence(200_000));
    }

    /// <summary>
    /// GLM-5 on four GPUs that divide its cache by tokens, with its module for further tokens: "Available KV cache memory: 7.58 GiB, GPU KV cache size: 523,008 tokens",
    /// a quarter of 79 layers of 656 and 132 B.
    /// </summary>
    [Fact]
    public void Ranks_may_divide_a_cache_by_its_tokens()
    {
        var spec = Spec(Example.Model("zai-org/GLM-5")) with
        {
            Engine = InferenceEngine.VLLM, Tensor = 4, DecodeContext = 4, PredictionModules = true, KvCacheDtype = KeyValueCacheType.FP8DeepSeek,
        };
        Assert.Equal(79 * 788 / 4, Cache(spec).PerToken);
        Assert.Equal(523_008, 7.58 * Bytes.PerGiB / Cache(spec).PerToken, tolerance: 0.001 * 523_008);
        Assert.Equal(79L * 788 * 50_688, Cache(spec).OfSequence(202_752));
        Assert.Contains(InferenceEstimator.Validate(spec with { DecodeContext = 3 }), problem => problem.Path == "parallelism.decodeContext");
        Assert.Contains(InferenceEstimator.Validate(spec with { Engine = InferenceEngine.SGLang }), problem => problem.Path == "parallelism.decodeContext");
    }

    /// <summary>vLLM's log of Kimi-Linear-48B-A3B on two GPUs: 2.30 GiB, "Add 1 padding layers", 2.48x of 120,000 tokens.</summary>
    [Fact]
    public void Layers_of_a_kind_fill_whole_groups()
    {
        var cache = Cache(Spec(Example.Model("moonshotai/Kimi-Linear-48B-A3B-Instruct")) with { Engine = InferenceEngine.VLLM, EngineVersion = "0.11.0", Tensor = 2 });
        Assert.Equal(0, cache.OfSequence(120_000) % 7);
        Assert.Equal(2.48, 2.30 * Bytes.PerGiB / cache.OfSequence(120_000), tolerance: 0.03);
    }

    /// <summary>Without vLLM's cache of several kinds a window costs what a whole sequence does: all 62 layers of Gemma 3 27B.</summary>
    [Fact]
    public void Windows_are_kept_whole_where_the_hybrid_cache_is_turned_off()
    {
        var spec = Spec(Example.Model("google/gemma-3-27b-pt")) with { Engine = InferenceEngine.VLLM, HybridCache = false };
        Assert.Equal(62L * 2 * 16 * 128 * 2 * 131_072, Cache(spec).OfSequence(131_072));
    }

    /// <summary>
    /// SGLang's log of Gemma 4 26B-A4B: full_layers=5 swa_layers=25 full_per_token_bytes=4096 swa_per_token_bytes=8192 swa_full_tokens_ratio=0.8
    /// cell_size_bytes=184320.
    /// </summary>
    [Fact]
    public void SGLang_gives_windows_room_for_four_fifths_of_the_tokens()
    {
        var spec = Spec(Example.Model("google/gemma-4-26B-A4B-it")) with { Engine = InferenceEngine.SGLang };
        Assert.Equal(184_320L * 100_000, Cache(spec).OfSequence(100_000));
        Assert.Equal((5 * 4096L + 25 * 8192L) * 100_000, Cache(spec with { HybridCache = false }).OfSequence(100_000));
    }

    /// <summary>Gemma 3 is none of the families that it has such a pool for: all 62 layers keep whole sequences (configs/model_config.py, is_hybrid_swa_model).</summary>
    [Fact]
    public void SGLang_keeps_whole_sequences_in_families_that_it_has_no_pool_of_windows_for() =>
        Assert.Equal(62L * 2 * 16 * 128 * 2 * 100_000, Cache(Spec(Example.Model("google/gemma-3-27b-pt")) with { Engine = InferenceEngine.SGLang }).OfSequence(100_000));

    [Theory]
    [InlineData(null, 0.8)]
    [InlineData(0.1, 0.1)]
    [InlineData(1.0, 1.0)]
    public void A_ratio_says_for_how_many_tokens_windows_have_room_in_SGLang(double? ratio, double share)
    {
        var spec = Spec(Example.Model("google/gemma-4-26B-A4B-it")) with { Engine = InferenceEngine.SGLang, WindowShare = (decimal?)ratio };
        Assert.Equal((long)(((5 * 4096) + (25 * 8192 * share)) * 100_000), Cache(spec).OfSequence(100_000));
    }

    /// <summary>
    /// Its log of Gemma 4 E4B: "SWAKVPool mem usage: 79.94 GB, swa size: 798276, full size: 997846": 7 layers of 4,096 B and 35 of 2,048, of which 18 read what
    /// others keep.
    /// </summary>
    [Fact]
    public void SGLang_gives_layers_that_share_a_cache_one_of_their_own()
    {
        var spec = Spec(Example.Model("google/gemma-4-E4B-it")) with { Engine = InferenceEngine.SGLang };
        Assert.Equal(79.94, (double)Cache(spec).OfSequence(997_846) / Bytes.PerGiB, tolerance: 0.01);
        Assert.Equal(16_384 + 40_960, Cache(spec with { Engine = InferenceEngine.VLLM }).PerToken);
    }

    /// <summary>Its log of Qwen3.5-397B-A17B on two GPUs: 580,364 tokens in 4.15 GB of keys and as many of values, beside 82 states in 7.42 GB.</summary>
    [Fact]
    public void SGLang_divides_its_room_among_entries_and_states()
    {
        var cache = Cache(Spec(Example.Model("Qwen/Qwen3.5-397B-A17B")) with { Engine = InferenceEngine.SGLang, Tensor = 2 });
        const double room = (8.30 + 7.42) * Bytes.PerGiB;
        Assert.Equal(580_364, room / cache.OfRoom(580_364) * 580_364, tolerance: 0.01 * 580_364);
        Assert.Equal(7.42 * Bytes.PerGiB / 82, cache.PerSequence, tolerance: 0.03 * cache.PerSequence);
    }

    /// <summary>States and entries share the room one to one where that is asked for, and of a stated number of states the entries get the rest.</summary>
    [Fact]
    public void SGLang_is_told_how_much_of_its_room_states_get()
    {
        var spec = Spec(Example.Model("Qwen/Qwen3.5-397B-A17B")) with { Engine = InferenceEngine.SGLang, Tensor = 2, StateShare = 1m };
        var (entries, states) = (Cache(spec).OfSequence(500_000) - Cache(spec).PerSequence, Cache(spec).PerSequence);
        Assert.Equal(2 * entries, Cache(spec).OfRoom(500_000));
        Assert.Equal(2 * states, Cache(spec with { StateShare = 1m }).OfRoom(1));

        var fixedPool = Cache(spec with { StateShare = null, StateSlots = 82 });
        Assert.Equal((entries, 82 * states, 82), (fixedPool.OfRoom(500_000), fixedPool.StatePool, fixedPool.SlotsOfStates));
    }

    /// <summary>vLLM's log of Qwen3.5-9B: "Setting attention block size to 528 tokens" is what a state in fp32 takes, 272 one in 16 bits.</summary>
    [Theory]
    [InlineData(null, 528)]
    [InlineData(DataType.FP32, 528)]
    [InlineData(DataType.BF16, 272)]
    public void States_are_of_the_type_that_the_model_or_a_flag_says(DataType? type, long page) =>
        Assert.Equal(page, Cache(Spec(Example.Model("Qwen/Qwen3.5-9B")) with { Engine = InferenceEngine.VLLM, StateType = type }).Page);

    /// <summary>
    /// Logs of llama.cpp: 598.5 MiB of states of Qwen3.6-27B with four slots, 301.5 of Qwen3-Coder-Next, and 7,780.5 of Qwen3.8-27B, whose module proposes twelve
    /// tokens, beside 128 MiB of 32,768 tokens of the module's own in f16.
    /// </summary>
    [Theory]
    [InlineData("Qwen/Qwen3.6-27B", null, 598.5, 0)]
    [InlineData("Qwen/Qwen3-Coder-Next", null, 301.5, 0)]
    [InlineData("Qwen/Qwen3.8-27B", 12, 7780.5, 128)]
    public void Llama_cpp_has_states_for_every_slot_and_for_every_token_that_a_module_proposes(string model, int? proposed, double states, double draft)
    {
        var spec = Spec(Example.Model(model)) with { Engine = InferenceEngine.LlamaCpp, StateSlots = 4, KvCacheDtype = KeyValueCacheType.Q8, PredictionModules = proposed is not null, ProposedTokens = proposed ?? 0 };
        Assert.Equal(states, (double)Cache(spec).PerSequence / Bytes.PerMiB, tolerance: 0.01 * states);
        Assert.Equal(draft, (Cache(spec).OfSequence(32_768) - Cache(spec with { PredictionModules = false }).OfSequence(32_768) - Cache(spec).PerSequence + Cache(spec with { PredictionModules = false }).PerSequence) / (double)Bytes.PerMiB, tolerance: 0.5);
    }

    [Fact]
    public void A_sequence_takes_whole_pages()
    {
        Assert.Equal(1008, Pages.RoundUp(1000, Spec(Example.Llama8B) with { Engine = InferenceEngine.VLLM }));
        Assert.Equal(1000, Pages.RoundUp(1000, Spec(Example.Llama8B)));
    }

    [Fact]
    public void A_recurrent_layer_keeps_its_state_however_long_the_sequence_is()
    {
        var model = Mamba2(64);
        var cache = Cache(Spec(model));
        Assert.Equal(671_488, model.StateSpace!.CachedElements);
        Assert.Equal(64 * 1_342_976, cache.OfSequence(1));
        Assert.Equal(64 * 1_342_976, cache.OfSequence(1_000_000));
    }

    [Fact]
    public void A_decoder_beside_an_encoder_keeps_the_encoders_tokens_and_its_own()
    {
        var model = Example.Model("google-t5/t5-large");
        var spec = Spec(model) with { InputLength = 512, OutputLength = 64 };

        // 24 layers, keys and values of 1024 in 16 bits.
        Assert.Equal(24 * 4 * 1024 * (512 + 64), Cache(spec).OfSequence(512 + 64));
    }

    [Fact]
    public void An_encoder_alone_keeps_nothing() => Assert.Equal(0, Cache(Spec(Example.Model("google-bert/bert-base-uncased"))).OfSequence(512));

    internal static ModelArchitecture Mamba2(int layers) => new()
    {
        Name = "mamba2-2.7b",
        HiddenSize = 2560,
        Layers = layers,
        AttentionHeads = 80,
        KeyValueHeads = 80,
        HeadDimension = 64,
        FeedForwardSize = 0,
        VocabularySize = 50_288,
        NormsPerLayer = 1,
        TiedEmbeddings = true,
        StateSpace = new StateSpace { Layers = layers, InnerSize = 5120, StateSize = 128, Heads = 80, HeadDimension = 64 },
    };

    private static InferenceSpec Spec(ModelArchitecture model) => new() { Model = model, InputLength = 1, Engine = InferenceEngine.Other };

    private static KeyValueCache Cache(InferenceSpec spec) => new(new ServedRank(spec, stage: 0));
}
