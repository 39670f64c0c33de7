using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;
using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Tests.Inference;

public sealed class ServedWeightsTests
{
    [Theory]
    [InlineData(QuantizationScheme.NF4DoubleQuantized, null, 5_702_295_552)]
    [InlineData(QuantizationScheme.NF4, 64, 6_027_747_328)]
    [InlineData(QuantizationScheme.NVFP4, null, 6_027_747_328)]
    public void Linear_layers_shrink_and_embeddings_stay(QuantizationScheme scheme, int? group, long bytes) =>
        Assert.Equal(bytes, Weights(Spec(Example.Llama8B) with { Quantization = new QuantizationSpec(scheme, group) }));

    [Theory]
    [InlineData(QuantizationScheme.GPTQ4, 128, 5.33)]
    [InlineData(QuantizationScheme.AWQ4, 128, 5.33)]
    [InlineData(QuantizationScheme.INT8, null, 8.46)]
    [InlineData(QuantizationScheme.FP8, 128, 8.46)]
    [InlineData(QuantizationScheme.MXFP4, null, 5.41)]
    public void Each_format_has_its_published_size(QuantizationScheme scheme, int? group, double gib) =>
        Assert.Equal(gib, (double)Weights(Spec(Example.Llama8B) with { Quantization = new QuantizationSpec(scheme, group) }) / Bytes.PerGiB, tolerance: 0.01);

    [Theory]
    [InlineData(QuantizationScheme.NF4, 64, 0.5625)]
    [InlineData(QuantizationScheme.NF4DoubleQuantized, 64, 0.515869140625)]
    [InlineData(QuantizationScheme.GPTQ4, 128, 0.51953125)]
    [InlineData(QuantizationScheme.FP8, 128, 1.000244140625)]
    [InlineData(QuantizationScheme.MXFP4, null, 0.53125)]
    [InlineData(QuantizationScheme.NVFP4, null, 0.5625)]
    [InlineData(QuantizationScheme.GPTQ8, 128, 1.0234375)]
    public void A_weight_takes_its_bits_and_its_share_of_scales(QuantizationScheme scheme, int? group, double bytes)
    {
        var ratio = QuantizedWeight.Of(new QuantizationSpec(scheme, group));
        Assert.Equal(bytes, (double)ratio.Numerator / ratio.Denominator, tolerance: 1e-12);
    }

    /// <summary>mobiusml/hqq: a scale and a zero point of 16 bits for each group; three bits lie ten to a word of 32.</summary>
    [Theory]
    [InlineData(null, null, 0.5625)]
    [InlineData(8, 64, 1.0625)]
    [InlineData(4, 128, 0.53125)]
    [InlineData(3, 64, 0.4625)]
    [InlineData(2, 16, 0.5)]
    [InlineData(1, 32, 0.25)]
    public void A_weight_of_HQQ_takes_its_bits_and_four_bytes_of_its_group(int? bits, int? group, double bytes)
    {
        var ratio = QuantizedWeight.Of(new QuantizationSpec(QuantizationScheme.HQQ, group, bits));
        Assert.Equal(bytes, (double)ratio.Numerator / ratio.Denominator, tolerance: 1e-12);
    }

    /// <summary>The sizes of files in Vahe1994/AQLM README.md, in GB.</summary>
    [Theory]
    [InlineData("meta-llama/Llama-2-7b-hf", 16, 1, 2.4)]
    [InlineData("meta-llama/Llama-2-7b-hf", 8, 2, 2.15)]
    [InlineData("meta-llama/Llama-2-13b-hf", 16, 1, 4.1)]
    [InlineData("meta-llama/Llama-2-13b-hf", 8, 2, 3.8)]
    [InlineData("meta-llama/Llama-2-70b-hf", 16, 1, 18.8)]
    public void AQLM_has_its_codebooks_beside_its_codes(string name, int bits, int codebooks, double gigabytes) => Assert.Equal(
        gigabytes, Weights(Spec(Example.Model(name)) with { Engine = InferenceEngine.HuggingFace, Quantization = new(QuantizationScheme.AQLM, 8, bits, codebooks) }) / 1e9, tolerance: 0.05);

    /// <summary>transformers has kernels of MXFP4 from compute capability 7.5 on: a V100 holds 41.8 GB of gpt-oss-20b, a T4 13.8 (quantizers/quantizer_mxfp4.py).</summary>
    [Theory]
    [InlineData("Tesla-V100-SXM2-32GB", 41_829_514_368)]
    [InlineData("Tesla P100-PCIE-16GB", 41_829_514_368)]
    [InlineData("Tesla-T4", 13_761_264_768)]
    [InlineData("NVIDIA-H100-80GB-HBM3", 13_761_264_768)]
    public void Transformers_expands_MXFP4_on_cards_before_Turing(string gpu, long bytes)
    {
        var spec = Spec(Example.Model("openai/gpt-oss-20b")) with { Quantization = new QuantizationSpec(QuantizationScheme.MXFP4), Engine = InferenceEngine.HuggingFace };
        Assert.Equal(bytes, Weights(EngineDefaults.On(spec, gpu, Bytes.FromGiB(16), statesTokens: false, statesSequences: false)));
    }

    /// <summary>Scales of NVFP4 experts, a byte for 16 weights, lie in two layouts; with Marlin one is never read (sgl-project/sglang#38092).</summary>
    [Theory]
    [InlineData(true, "0.5.14", true)]
    [InlineData(true, null, false)]
    [InlineData(false, "0.5.14", false)]
    public void SGLang_may_keep_the_scales_of_NVFP4_experts_twice(bool marlin, string? version, bool isSure)
    {
        var spec = Spec(Example.Model("Qwen/Qwen3-30B-A3B")) with { Quantization = new QuantizationSpec(QuantizationScheme.NVFP4), Engine = InferenceEngine.SGLang, MarlinExperts = marlin, EngineVersion = version };
        var (amount, plain) = (ServedWeights.Of(new ServedRank(spec, 0)), ServedWeights.Of(new ServedRank(spec with { Engine = InferenceEngine.TGI }, 0)));
        var scales = 48 * 128 * 3 * 2048L * 768 / 16;
        Assert.Equal(isSure ? scales : 0, amount.Expected - plain.Expected);
        Assert.True(amount.Upper - plain.Upper >= scales);
    }

    [Fact]
    public void Every_tensor_parallel_rank_has_the_codebooks_whole()
    {
        var spec = Spec(Example.Llama8B) with { Engine = InferenceEngine.HuggingFace, Quantization = new(QuantizationScheme.AQLM) };
        Assert.Equal(7 * 32 * 65_536L * 8 * 2, (2 * Weights(spec with { Tensor = 2 })) - Weights(spec), tolerance: 1_000_000);
    }

    [Fact]
    public void Gpt_oss_has_nothing_but_its_experts_in_MXFP4_as_its_file_does()
    {
        var bytes = Weights(Spec(Example.Model("openai/gpt-oss-20b")) with { Quantization = new QuantizationSpec(QuantizationScheme.MXFP4), Engine = InferenceEngine.HuggingFace });
        Assert.Equal(13_761_264_768, bytes);

        // The published file, headers included.
        Assert.InRange(13_761_316_904 - bytes, 0, 100_000);
    }

    [Fact]
    public void A_checkpoint_that_says_how_it_is_stored_needs_no_other_word() =>
        Assert.Equal(13_761_264_768, Weights(Spec(Example.Model("openai/gpt-oss-20b")) with { Engine = InferenceEngine.HuggingFace }));

    /// <summary>As vLLM logs them on H100: 13.47 and 64.38 with Triton, 65.97 with Marlin.</summary>
    [Theory]
    [InlineData("openai/gpt-oss-20b", "0.11", 13.47)]
    [InlineData("openai/gpt-oss-120b", "0.11", 64.38)]
    [InlineData("openai/gpt-oss-120b", "0.10.1", 65.97)]
    public void Kernels_of_MXFP4_pad_the_sides_of_experts(string name, string version, double gib) =>
        Assert.Equal(gib, (double)Weights(Spec(Example.Model(name)) with { Engine = InferenceEngine.VLLM, EngineVersion = version }) / Bytes.PerGiB, tolerance: 0.005 * gib);

    /// <summary>131,072 positions of 128 elements: the 0.03 GiB by which logs exceed the weights of Llama 3.1.</summary>
    [Fact]
    public void VLLM_holds_a_table_of_rotary_positions() => Assert.Equal(
        2 * 131_072 * 128, Weights(Spec(Example.Llama8B with { ContextLength = 131_072 }) with { Engine = InferenceEngine.VLLM }) - Weights(Spec(Example.Llama8B)));

    /// <summary>DeepSeek-R1 in FP8 on eight cards was logged with 79.41 GiB on each.</summary>
    [Fact]
    public void Latent_attention_keeps_both_halves_of_its_widening_matrix_in_16_bits_too() =>
        Assert.Equal(79.41, (double)Weights(Spec(Example.Model("deepseek-ai/DeepSeek-V3")) with { Engine = InferenceEngine.VLLM, Tensor = 8 }) / Bytes.PerGiB, tolerance: 0.2);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_parts_of_all_layers_are_all_their_matrices(int tensor)
    {
        foreach (var model in GpuMem.Catalogues.Models.ModelCatalogue.All.Where(model => !model.Pooler && model.AttentionHeads % tensor == 0))
        {
            var rank = new ServedRank(Spec(model) with { Tensor = tensor }, 0);
            var parts = Enum.GetValues<ModelPart>().Sum(part => PartTally.Of(model, rank.Shape, part, rank.Stage));

            // Encoders, and what stands before and after layers counted one by one, belong to no part.
            Assert.InRange(parts, model.Parts is null ? rank.Tally.Matrices : 1, rank.Tally.Matrices);
        }
    }

    [Fact]
    public void A_storage_that_nobody_knows_counts_in_16_bits_and_denies_nothing()
    {
        var spec = Spec(Example.Llama70B with { UnknownStorage = "quantization_config.quant_method of-tomorrow" });
        var estimate = InferenceEstimator.Estimate(spec);
        Assert.Equal(Weights(Spec(Example.Llama70B)), Weights(spec));
        Assert.True(estimate.Needed < Bytes.FromGiB(24), "needs little for certain");
        Assert.Contains(estimate.Assumptions, text => text.Contains("of-tomorrow", StringComparison.Ordinal));
        Assert.False(InferenceEstimator.Capacity(spec, Bytes.FromGiB(80)).IsCertain);
    }

    [Theory]
    [InlineData(DataType.BF16, 1, 16_060_522_496)]
    [InlineData(DataType.FP32, 1, 32_121_044_992)]
    [InlineData(DataType.BF16, 8, 2 * 1_004_015_616)]
    [InlineData(DataType.BF16, 16, 2 * 518_918_144)]
    public void Tensor_parallelism_divides_weights_and_repeats_norms_and_scarce_heads(DataType type, int tensor, long bytes) =>
        Assert.Equal(bytes, Weights(Spec(Example.Llama8B) with { Weights = type, Tensor = tensor }));

    /// <summary>The files of Llama 3.1 8B that people download, in bytes.</summary>
    [Theory]
    [InlineData(QuantizationScheme.Q2K, 3_179_131_232)]
    [InlineData(QuantizationScheme.Q3KM, 4_018_917_728)]
    [InlineData(QuantizationScheme.Q40, 4_661_211_808)]
    [InlineData(QuantizationScheme.Q4KM, 4_920_734_048)]
    [InlineData(QuantizationScheme.Q5KM, 5_732_987_232)]
    [InlineData(QuantizationScheme.Q6K, 6_596_006_240)]
    [InlineData(QuantizationScheme.Q80, 8_540_770_656)]
    public void A_GGUF_file_has_all_matrices_in_its_format(QuantizationScheme scheme, long file) =>
        Assert.Equal(file, Weights(Spec(Example.Llama8B) with { Quantization = new QuantizationSpec(scheme), Engine = InferenceEngine.Other }), tolerance: 0.02 * file);

    /// <summary>
    /// What llama-quantize 0.7.0 makes of matrices as Qwen2.5 0.5B has them: rows of 896 take no blocks of 256, and the embedding is stored as the output
    /// matrix that it is too (findings/llama-quantize-width.sh).
    /// </summary>
    [Theory]
    [InlineData(QuantizationScheme.Q2K, 332_659_200)]
    [InlineData(QuantizationScheme.Q3KM, 349_518_336)]
    [InlineData(QuantizationScheme.Q40, 346_206_720)]
    [InlineData(QuantizationScheme.Q4KM, 391_859_712)]
    [InlineData(QuantizationScheme.IQ4XS, 345_497_088)]
    [InlineData(QuantizationScheme.Q5KM, 414_137_856)]
    [InlineData(QuantizationScheme.Q6K, 499_788_288)]
    [InlineData(QuantizationScheme.Q80, 525_120_000)]
    public void A_GGUF_file_of_a_model_whose_rows_take_no_large_blocks_is_larger(QuantizationScheme scheme, long file) => Assert.Equal(
        file, Weights(Spec(Example.Model("Qwen/Qwen2.5-0.5B")) with { Quantization = new QuantizationSpec(scheme), Engine = InferenceEngine.Other }), tolerance: 0.02 * file);

    /// <summary>Experts of 1,408 elements: a third of their weights is in Q5_0 and Q8_0, and 5.3 bits a weight where Q4_K_M usually has 4.8.</summary>
    [Fact]
    public void Experts_whose_width_takes_no_large_blocks_are_larger()
    {
        var model = Example.Model("zai-org/GLM-4.5-Air");
        var weights = Weights(Spec(model) with { Quantization = new QuantizationSpec(QuantizationScheme.Q4KM), Engine = InferenceEngine.Other });
        Assert.Equal(5.3, 8 * weights / 106_852_245_504.0, tolerance: 0.05);
    }

    /// <summary>
    /// llama.cpp looks tokens up in the memory of the host. Llama 3.1 8B in 16 bits leaves 128,256 × 4,096 weights there, half of its two tables; Qwen2.5 0.5B
    /// ties them and keeps a copy on the GPU, all of its weights; and of a pipeline the last stage has the output matrix.
    /// </summary>
    [Fact]
    public void Llama_cpp_leaves_the_input_embedding_on_the_host()
    {
        var spec = Spec(Example.Llama8B) with { Engine = InferenceEngine.LlamaCpp };
        var other = spec with { Engine = InferenceEngine.Other };
        Assert.Equal(2L * 128_256 * 4096, Weights(other) - Weights(spec));

        var small = Spec(Example.Model("Qwen/Qwen2.5-0.5B")) with { Engine = InferenceEngine.LlamaCpp };
        Assert.Equal(Weights(small with { Engine = InferenceEngine.Other }), Weights(small));
        Assert.True(ServedWeights.Of(new ServedRank(spec with { Pipeline = 2 }, 1)).Expected > 2L * 128_256 * 4096);
        Assert.Equal(Weights(spec), ServedWeights.Of(new ServedRank(spec with { Pipeline = 2 }, 0)).Expected + ServedWeights.Of(new ServedRank(spec with { Pipeline = 2 }, 1)).Expected);
    }

    /// <summary>The tables of embeddings of single layers are looked up there too: 262,144 × 35 × 256 of Gemma 3n E4B.</summary>
    /// <summary>Qwen3-30B-A3B has 48 layers of 128 experts with three matrices of 2,048 by 768; quantised or not, those of half the layers are half.</summary>
    [Theory]
    [InlineData(null, 24, 24)]
    [InlineData(QuantizationScheme.Q40, 24, 24)]
    [InlineData(QuantizationScheme.Q40, 10_000, 48)]
    public void Experts_that_stay_on_the_host_are_none_of_the_GPU(QuantizationScheme? scheme, int asked, int layers)
    {
        var spec = Spec(Example.Model("Qwen/Qwen3-30B-A3B")) with { Engine = InferenceEngine.LlamaCpp, Quantization = scheme is { } format ? new QuantizationSpec(format) : null };
        var expected = layers * 128L * 3 * 2048 * 768 * (scheme is null ? 64 : 18) / 32;
        Assert.Equal(expected, ServedWeights.Of(new ServedRank(spec, 0)).Expected - ServedWeights.Of(new ServedRank(spec with { ExpertLayersOnHost = asked }, 0)).Expected);
    }

    [Fact]
    public void Llama_cpp_leaves_embeddings_of_layers_on_the_host()
    {
        var spec = Spec(Example.Model("google/gemma-3n-E4B-it")) with { Engine = InferenceEngine.LlamaCpp };
        Assert.Equal(2L * 262_144 * 35 * 256, Weights(spec with { Engine = InferenceEngine.Other }) - Weights(spec));
    }

    [Fact]
    public void LitGPT_repeats_embedding_and_output_matrix()
    {
        var spec = Spec(Example.Llama8B) with { Tensor = 8 };
        Assert.Equal(2 * 2 * 128_256L * 4096 * 7 / 8, Weights(spec with { Engine = InferenceEngine.LitGPT }) - Weights(spec));
    }

    [Fact]
    public void LitGPT_puts_both_ends_of_a_pipeline_on_its_first_stage()
    {
        var spec = Spec(Example.Llama8B) with { Pipeline = 4 };
        var together = spec with { Engine = InferenceEngine.LitGPT };
        Assert.Equal(2 * ((128_256L * 4096) + 4096), Weights(together) - Weights(spec));
        Assert.Equal(2 * 8 * 218_112_000L, ServedWeights.Of(new ServedRank(together, 3)).Expected);
    }

    [Fact]
    public void A_draft_lies_whole_on_every_rank_or_is_divided_with_the_model()
    {
        var spec = Spec(Example.Llama70B) with { Tensor = 4 };
        var draft = Example.Model("meta-llama/Llama-3.2-1B");
        var whole = Weights(spec with { Draft = new SpeculativeDraft(draft) }) - Weights(spec);
        var divided = Weights(spec with { Draft = new SpeculativeDraft(draft, 4) }) - Weights(spec);
        Assert.Equal(2.30, (double)whole / Bytes.PerGiB, tolerance: 0.01);
        Assert.InRange(divided, whole / 4, whole / 3);
    }

    [Theory]
    [InlineData(1, 16, 80)]
    [InlineData(8, 64, 2560)]
    public void Slots_for_adapters_are_allocated_at_start(int slots, int rank, long mebibytes)
    {
        var spec = Spec(Example.Llama8B) with { LoraSlots = slots, Lora = new() { Rank = rank } };
        Assert.Equal(mebibytes * Bytes.PerMiB, EngineOverheads.LoraSlots(new ServedRank(spec, 0)));
    }

    [Fact]
    public void Modules_for_further_tokens_count_when_they_draft()
    {
        var spec = Spec(Example.Model("deepseek-ai/DeepSeek-V3") with { CheckpointQuantization = null });
        Assert.Equal(2 * 11_610_068_224, Weights(spec with { PredictionModules = true }) - Weights(spec));
    }

    private static InferenceSpec Spec(ModelArchitecture model) => new() { Model = model, InputLength = 1, Engine = InferenceEngine.Other };

    private static long Weights(InferenceSpec spec) => ServedWeights.Of(new ServedRank(spec, 0)).Expected;
}
