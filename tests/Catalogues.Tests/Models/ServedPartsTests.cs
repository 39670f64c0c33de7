using System.Text;
using GpuMem.Catalogues.Models;
using GpuMem.Estimation;
using GpuMem.Serving;
using GpuMem.Estimation.Models;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Models that are counted layer by layer, as engines serve them.</summary>
public sealed class ServedPartsTests
{
    private const string Sparse = """
        {"model_type":"deepseek_v32","hidden_size":7168,"intermediate_size":18432,"moe_intermediate_size":2048,"n_routed_experts":256,"n_shared_experts":1,"num_experts_per_tok":8,
         "first_k_dense_replace":3,"num_attention_heads":128,"num_key_value_heads":128,"num_hidden_layers":61,"vocab_size":129280,"kv_lora_rank":512,"q_lora_rank":1536,
         "qk_nope_head_dim":128,"qk_rope_head_dim":64,"v_head_dim":128,"index_n_heads":64,"index_head_dim":128,"index_topk":2048,
         "quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]}}
        """;

    /// <summary>vllm/v1/kv_cache_interface.py, MLAAttentionSpec: 656 B a layer and 132 for the indexer, in 16 bits 1,152 and 132.</summary>
    [Theory]
    [InlineData(KeyValueCacheType.BF16, 61 * 1284)]
    [InlineData(KeyValueCacheType.FP8, 61 * 788)]
    [InlineData(KeyValueCacheType.FP8DeepSeek, 61 * 788)]
    public void Sparse_attention_keeps_packed_vectors_and_the_keys_of_its_indexer(KeyValueCacheType type, long bytes)
    {
        var spec = new InferenceSpec { Model = Read(Sparse), InputLength = 8192, KvCacheDtype = type, Tensor = 8 };
        Assert.Equal(bytes, InferenceEstimator.Capacity(spec, Bytes.FromGiB(140)).PerToken.Value);
    }

    /// <summary>Qwen3-Next in vLLM: a state of 1,097,728 B lies in a page of 544 tokens of 2,048 B.</summary>
    [Theory]
    [InlineData("0.26", 1)]
    [InlineData("0.28", 2)]
    public void Linear_attention_takes_pages_of_the_layers_beside_it(string version, int pages)
    {
        var model = Read("""
            {"model_type":"qwen3_next","hidden_size":2048,"intermediate_size":5120,"moe_intermediate_size":512,"shared_expert_intermediate_size":512,"num_experts":512,
             "num_experts_per_tok":10,"num_attention_heads":16,"num_key_value_heads":2,"head_dim":256,"num_hidden_layers":48,"vocab_size":151936,"full_attention_interval":4,
             "linear_num_key_heads":16,"linear_num_value_heads":32,"linear_key_head_dim":128,"linear_value_head_dim":128,"linear_conv_kernel_dim":4}
            """);
        var estimate = InferenceEstimator.Estimate(new InferenceSpec { Model = model, InputLength = 544, EngineVersion = version });
        Assert.Equal((12 + (36L * pages)) * 1_114_112, estimate.Terms.Single(term => term.Kind == TermKind.KeyValueCache).Expected.Value);
    }

    [Fact]
    public void Weights_left_alone_by_a_list_stay_in_16_bits()
    {
        long Weights(string ignored) => InferenceEstimator.Estimate(new InferenceSpec { Model = Read(Sparse.Replace("\"fp8\"", $"\"fp8\",\"ignore\":[{ignored}]", StringComparison.Ordinal)), InputLength = 1 })
            .Terms.Single(term => term.Kind == TermKind.Weights).Expected.Value;
        var all = Weights("");
        var shared = Weights("\"re:.*shared_experts.*\"");
        var dense = Weights("\"model.layers.0.mlp\",\"model.layers.1.mlp\",\"model.layers.2.mlp\"");

        // 58 layers with a shared expert, three dense ones; a byte more for each weight but its share of scales.
        Assert.Equal(58 * 3 * 7168L * 2048, shared - all, tolerance: 1e7);
        Assert.Equal(3 * 3 * 7168L * 18432, dense - all, tolerance: 1e7);
    }

    /// <summary>DeepSeek V4 has its experts in MXFP4, 4.25 bits a weight, and says so beside an FP8 quantisation; its releases for other cards say fp8.</summary>
    [Theory]
    [InlineData("deepseek-ai/DeepSeek-V4-Flash", 284.3e9, 277.0e9)]
    [InlineData("deepseek-ai/DeepSeek-V4-Pro", 1573.0e9, 1550.0e9)]
    public void Experts_may_have_a_type_of_their_own_beside_an_FP8_quantisation(string id, double parameters, double experts)
    {
        var weights = InferenceEstimator.Estimate(new InferenceSpec { Model = Named(id), InputLength = 1 }).Terms.Single(term => term.Kind == TermKind.Weights).Expected.Value;

        Assert.InRange(weights, (experts * 4.25 / 8) + parameters - experts, (experts * 4.25 / 8) + (2.1 * (parameters - experts)));
    }

    /// <summary>
    /// On eight H200 SGLang logged 125.65 GiB of weights on each (SemiAnalysisAI/InferenceX#2128). Its experts are 61 · 384 · 3 · 7168 · 3072 weights, of whose
    /// scales it kept the loaded ones, 4 B for 32 weights, beside Marlin's; later releases drop them.
    /// </summary>
    [Theory]
    [InlineData("0.5.14", 125.65)]
    [InlineData("0.5.17", 125.65 - (61L * 384 * 3 * 7168 * 3072 / 8 * 4 / 32 / (double)Bytes.PerGiB))]
    public void SGLang_keeps_the_scales_that_it_loaded_beside_those_of_Marlin(string version, double gib)
    {
        var spec = new InferenceSpec { Model = Named("deepseek-ai/DeepSeek-V4-Pro"), InputLength = 8192, Engine = InferenceEngine.SGLang, EngineVersion = version, MarlinExperts = true, Tensor = 8 };
        Assert.Equal(gib, (double)Term(spec, TermKind.Weights) / Bytes.PerGiB, tolerance: 0.02 * gib);
    }

    /// <summary>79.05 GB of weights with them and 67.57 without, on each of 16 GPUs (sgl-project/sglang#29797).</summary>
    [Fact]
    public void The_scales_are_divided_with_the_experts()
    {
        var spec = new InferenceSpec { Model = Named("deepseek-ai/DeepSeek-V4-Pro"), InputLength = 8192, Engine = InferenceEngine.SGLang, MarlinExperts = true, Tensor = 2, Expert = 8 };
        var kept = Term(spec with { EngineVersion = "0.5.14" }, TermKind.Weights) - Term(spec with { EngineVersion = "0.5.17" }, TermKind.Weights);
        Assert.Equal(79.05 - 67.57, (double)kept / Bytes.PerGiB, tolerance: 0.3);
    }

    /// <summary>vLLM drops them: 74.85 GiB of DeepSeek V4 Flash on each of two GPUs (vllm-project/vllm#40821).</summary>
    [Fact]
    public void VLLM_keeps_the_scales_of_its_kernel_alone() =>
        Assert.Equal(74.85, (double)Term(new InferenceSpec { Model = Named("deepseek-ai/DeepSeek-V4-Flash"), InputLength = 8192, Tensor = 2 }, TermKind.Weights) / Bytes.PerGiB, tolerance: 0.02 * 74.85);

    [Theory]
    [InlineData("fp4", 17)]
    [InlineData("fp8", 32)]
    public void The_type_may_stand_with_the_quantisation_too(string type, int quarters)
    {
        long Weights(string stated) => InferenceEstimator.Estimate(new InferenceSpec { Model = Read(Sparse.Replace("\"fp8\"", $"\"fp8\"{stated}", StringComparison.Ordinal)), InputLength = 1 })
            .Terms.Single(term => term.Kind == TermKind.Weights).Expected.Value;

        // 58 layers of 256 experts with three matrices.
        Assert.Equal(58 * 256 * 3 * 7168L * 2048 * (32 - quarters) / 32, Weights("") - Weights($",\"expert_dtype\":\"{type}\""), tolerance: 2e8);
    }

    /// <summary>The published number of parameters to the last one; of 27 layers seven have a cache of 576 elements, the others a state of 2,170,880 B.</summary>
    [Fact]
    public void Kimi_delta_attention_keeps_a_state_in_fp32()
    {
        var model = Named("moonshotai/Kimi-Linear-48B-A3B-Instruct");
        Assert.Equal((49_122_681_728, null), (model.Parameters, model.UnknownFamily));
        Assert.Empty(model.UnreadFields);

        var spec = new InferenceSpec { Model = model, InputLength = 8192, Engine = InferenceEngine.SGLang };
        long Cache(long tokens) => InferenceEstimator.Estimate(spec with { InputLength = tokens }).Terms.Single(term => term.Kind == TermKind.KeyValueCache).Expected.Value;
        Assert.Equal(7 * 576 * 2, (Cache(16_384) - Cache(8192)) / 8192);
        Assert.Equal(20 * ((32 * 128 * 128 * 4) + (3 * 4096 * 3 * 2)), Cache(8192) - (8192 * 7 * 576 * 2), tolerance: 20 * 3 * 4096 * 2);
    }

    /// <summary>
    /// One picture of 16,384 tokens, four patches each. A patch is 2 · 3 · 16² values, the tower 1,152 wide and its feed-forward 4,304: on one GPU the feed-forward is
    /// the widest, on two the positions that are interpolated (vllm/model_executor/models/qwen3_vl.py).
    /// </summary>
    [Theory]
    [InlineData(1, 1536 + (4 * 1152) + (2 * 4304))]
    [InlineData(2, 1536 + (8 * 1152))]
    public void VLLM_measures_the_largest_picture_before_it_measures_text(int tensor, long elements) =>
        Assert.Equal(2L * 4 * 16_384 * elements, Activations(new InferenceSpec { Model = Named("Qwen/Qwen3.8-27B"), InputLength = 8192, Tensor = tensor, MaxBatchedTokens = 2048, MaxSequences = 8 }));

    /// <summary>Pixels and what the tower made of them wait while text has its pass, here the wider of the two: eight pictures.</summary>
    [Fact]
    public void Pictures_wait_while_text_has_its_pass()
    {
        var spec = new InferenceSpec { Model = Named("Qwen/Qwen3.8-27B"), InputLength = 8192, MaxBatchedTokens = 131_072, MaxSequences = 8, Tensor = 8 };
        Assert.Equal(2L * 131_072 * ((4 * 1536) + 5120), Activations(spec with { Model = spec.Model with { Pictures = spec.Model.Pictures! with { HiddenSize = 1, InterpolatesPositions = false } } }) - Activations(spec with { TextOnly = true }));
    }

    [Fact]
    public void A_server_of_text_alone_has_neither_tower_nor_pictures()
    {
        var spec = new InferenceSpec { Model = Named("google/gemma-3-27b-it"), InputLength = 8192, MaxBatchedTokens = 8192, MaxSequences = 8 };
        var text = spec with { TextOnly = true };
        Assert.Equal(2 * spec.Model.VisionParameters, Term(spec, TermKind.Weights) - Term(text, TermKind.Weights));

        // 32 pictures of 64 · 64 patches, each 3 · 14² values; the tower is 1,152 wide, its feed-forward 4,304.
        Assert.Equal(2L * 32 * 64 * 64 * (588 + (4 * 1152) + (2 * 4304)), Activations(spec));
        Assert.True(Activations(text) < Activations(spec));
    }

    private static long Activations(InferenceSpec spec) => Term(spec, TermKind.Activations);

    private static long Term(InferenceSpec spec, TermKind kind) => InferenceEstimator.Estimate(spec).Terms.Single(term => term.Kind == kind).Expected.Value;

    private static ModelArchitecture Named(string id) => ModelCatalogue.TryFind(id, out var model, out var problem) ? model : throw new InvalidOperationException(problem);

    private static ModelArchitecture Read(string json) => HuggingFaceConfig.Parse(Encoding.UTF8.GetBytes(json));
}
