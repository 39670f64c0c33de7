using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Catalogues.Tests.Models;

/// <summary>Names of variants and copies, as they are on Hugging Face, and those that are close to a known one without being it.</summary>
public sealed class ModelNameTests
{
    [Theory]
    [InlineData("Qwen/Qwen3-4B-Instruct-2507", "Qwen/Qwen3-4B")]
    [InlineData("Qwen/Qwen3-30B-A3B-Thinking-2507", "Qwen/Qwen3-30B-A3B")]
    [InlineData("deepseek-ai/DeepSeek-R1-0528", "deepseek-ai/DeepSeek-R1")]
    [InlineData("deepseek-ai/DeepSeek-V3-0324", "deepseek-ai/DeepSeek-V3")]
    [InlineData("deepseek-ai/DeepSeek-V3-Base", "deepseek-ai/DeepSeek-V3")]
    [InlineData("moonshotai/Kimi-K2-Instruct-0905", "moonshotai/Kimi-K2-Instruct")]
    [InlineData("mistralai/Mistral-7B-Instruct-v0.3", "mistralai/Mistral-7B-v0.3")]
    [InlineData("mistralai/Mistral-7B-Instruct-v0.2", "mistralai/Mistral-7B-v0.1")]
    [InlineData("mistralai/Mixtral-8x7B-Instruct-v0.1", "mistralai/Mixtral-8x7B-v0.1")]
    [InlineData("meta-llama/Llama-3.3-70B-Instruct", "meta-llama/Llama-3.1-70B")]
    [InlineData("meta-llama/Llama-2-70b-chat-hf", "meta-llama/Llama-2-70b-hf")]
    [InlineData("google/gemma-2-9b-it", "google/gemma-2-9b")]
    [InlineData("google/gemma-4-E2B-it", "google/gemma-4-E2B")]
    [InlineData("HuggingFaceH4/zephyr-7b-beta", "mistralai/Mistral-7B-v0.1")]
    [InlineData("lmsys/vicuna-13b-v1.5", "meta-llama/Llama-2-13b-hf")]
    [InlineData("tiiuae/Falcon3-7B-Instruct", "tiiuae/Falcon3-7B-Base")]
    [InlineData("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B", "nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16")]
    [InlineData("unsloth/Meta-Llama-3.1-8B-Instruct", "meta-llama/Llama-3.1-8B")]
    public void A_variant_is_found_as_the_model_whose_dimensions_it_has(string name, string id)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal(id, model.Name);
    }

    [Theory]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-AWQ", "Qwen/Qwen2.5-72B", QuantizationScheme.AWQ4)]
    [InlineData("ISTA-DASLab/Llama-2-7b-AQLM-2Bit-1x16-hf", "meta-llama/Llama-2-7b-hf", QuantizationScheme.AQLM)]
    [InlineData("ISTA-DASLab/Meta-Llama-3.1-8B-Instruct-AQLM-PV-2Bit-1x16-hf", "meta-llama/Llama-3.1-8B", QuantizationScheme.AQLM)]
    [InlineData("mobiuslabsgmbh/Llama-3.1-8b-instruct_4bitgs64_hqq_calib", "meta-llama/Llama-3.1-8B", QuantizationScheme.HQQ)]
    [InlineData("mobiuslabsgmbh/Llama-2-7b-chat-hf-4bit_g64-HQQ", "meta-llama/Llama-2-7b-hf", QuantizationScheme.HQQ)]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int4", "Qwen/Qwen2.5-72B", QuantizationScheme.GPTQ4)]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-GPTQ-Int8", "Qwen/Qwen2.5-72B", QuantizationScheme.GPTQ8)]
    [InlineData("Qwen/Qwen3-4B-Instruct-2507-FP8", "Qwen/Qwen3-4B", QuantizationScheme.FP8)]
    [InlineData("meta-llama/Llama-3.1-405B-FP8", "meta-llama/Llama-3.1-405B", QuantizationScheme.FP8)]
    [InlineData("neuralmagic/Meta-Llama-3.1-70B-Instruct-FP8-dynamic", "meta-llama/Llama-3.1-70B", QuantizationScheme.FP8)]
    [InlineData("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w4a16", "meta-llama/Llama-3.1-8B", QuantizationScheme.INT4)]
    [InlineData("RedHatAI/Meta-Llama-3.1-8B-Instruct-quantized.w8a8", "meta-llama/Llama-3.1-8B", QuantizationScheme.INT8)]
    [InlineData("nvidia/Llama-3.3-70B-Instruct-NVFP4", "meta-llama/Llama-3.1-70B", QuantizationScheme.NVFP4)]
    [InlineData("unsloth/Meta-Llama-3.1-8B-Instruct-bnb-4bit", "meta-llama/Llama-3.1-8B", QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("unsloth/Qwen3-8B-unsloth-bnb-4bit", "Qwen/Qwen3-8B", QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("mlx-community/Llama-3.2-3B-Instruct-4bit", "meta-llama/Llama-3.2-3B", QuantizationScheme.NF4DoubleQuantized)]
    [InlineData("TheBloke/Llama-2-13B-chat-GPTQ", "meta-llama/Llama-2-13b-hf", QuantizationScheme.GPTQ4)]
    [InlineData("TheBloke/Mistral-7B-Instruct-v0.2-AWQ", "mistralai/Mistral-7B-v0.1", QuantizationScheme.AWQ4)]
    [InlineData("bartowski/Meta-Llama-3.1-8B-Instruct-GGUF", "meta-llama/Llama-3.1-8B", QuantizationScheme.Q4KM)]
    [InlineData("bartowski/Qwen_Qwen3-8B-GGUF", "Qwen/Qwen3-8B", QuantizationScheme.Q4KM)]
    [InlineData("someone/Qwen3-8B-IQ3_XXS-GGUF", "Qwen/Qwen3-8B", QuantizationScheme.IQ3XXS)]
    [InlineData("someone/Qwen3-8B-UD-Q3_K_XL", "Qwen/Qwen3-8B", QuantizationScheme.Q3KM)]
    [InlineData("Intel/Qwen3.6-27B-int4-AutoRound", "Qwen/Qwen3.5-27B", QuantizationScheme.INT4)]
    [InlineData("Intel/Qwen3-30B-A3B-Instruct-2507-int4-mixed-AutoRound", "Qwen/Qwen3-30B-A3B", QuantizationScheme.INT4)]
    [InlineData("amd/Llama-3.3-70B-Instruct-MXFP4-Preview", "meta-llama/Llama-3.1-70B", QuantizationScheme.MXFP4)]
    [InlineData("unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL", "Qwen/Qwen3-30B-A3B", QuantizationScheme.Q4KM)]
    [InlineData("unsloth/Qwen3-30B-A3B-GGUF:ud-q2_k_xl", "Qwen/Qwen3-30B-A3B", QuantizationScheme.Q2K)]
    [InlineData("bartowski/Qwen_Qwen3-8B-GGUF:IQ4_NL", "Qwen/Qwen3-8B", QuantizationScheme.Q40)]
    [InlineData("unsloth/Qwen3-8B-GGUF:BF16", "Qwen/Qwen3-8B", null)]
    [InlineData("Qwen3-30B-A3B-UD-Q4_K_XL", "Qwen/Qwen3-30B-A3B", QuantizationScheme.Q4KM)]
    [InlineData("nvidia/DeepSeek-R1-0528-NVFP4-v2", "deepseek-ai/DeepSeek-R1", QuantizationScheme.NVFP4)]
    public void A_tag_says_how_the_weights_are_stored(string name, string id, QuantizationScheme? scheme)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal((id, scheme), (model.Name, model.CheckpointQuantization?.Usual.Scheme));
    }

    [Theory]
    [InlineData("unsloth/GLM-4.5-Air-GGUF:IQ2_M", QuantizationScheme.IQ2M)]
    [InlineData("unsloth/DeepSeek-R1-GGUF:UD-IQ1_S", QuantizationScheme.IQ1S)]
    [InlineData("unsloth/Kimi-K2-Instruct-GGUF:UD-TQ1_0", QuantizationScheme.TQ10)]
    [InlineData("bartowski/Qwen_Qwen3-8B-GGUF:q3_k_l", QuantizationScheme.Q3KL)]
    [InlineData("ggml-org/gpt-oss-20b-GGUF:MXFP4", QuantizationScheme.MXFP4)]
    public void A_type_of_a_GGUF_file_is_known_by_name(string name, QuantizationScheme scheme)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal(scheme, model.CheckpointQuantization?.Usual.Scheme);
    }

    /// <summary>DeepSeek-R1 in UD-IQ1_S was 131 GB at first and is a third more today: by what is certain of neither nothing is denied.</summary>
    [Theory]
    [InlineData("unsloth/DeepSeek-R1-GGUF:UD-IQ1_S", false)]
    [InlineData("unsloth/DeepSeek-R1-GGUF:UD-Q2_K_XL", false)]
    [InlineData("unsloth/DeepSeek-R1-GGUF:Q2_K", true)]
    [InlineData("unsloth/Qwen3-30B-A3B-GGUF:UD-Q4_K_XL", true)]
    [InlineData("unsloth/Qwen3-8B-GGUF:UD-IQ1_S", true)]
    public void How_much_small_mixtures_of_experts_take_is_no_more_than_expected(string name, bool isKnown)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal(isKnown, model.UnknownStorage is null);
    }

    /// <summary>What is called as types are and is none of llama.cpp's may run, and take anything: it is named with those near it, and denies nothing.</summary>
    [Theory]
    [InlineData("unsloth/Qwen3-8B-GGUF:UD-Q8_K_XL", "GGUF type 'UD-Q8_K_XL' (near ")]
    [InlineData("unsloth/Qwen3-8B-GGUF:IQ2_L", "GGUF type 'IQ2_L' (near IQ2_M, IQ2_S")]
    public void A_type_that_llama_cpp_does_not_have_is_not_known_and_not_refused(string name, string said)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.StartsWith(said, model.UnknownStorage, StringComparison.Ordinal);
        Assert.Null(model.CheckpointQuantization);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3.1-8B:latest")]
    [InlineData(":Q4_K_M")]
    public void What_stands_behind_a_colon_and_is_no_type_is_no_model(string name) => Assert.False(ModelCatalogue.TryFind(name, out _, out _));

    /// <summary>As mobiuslabs names its files: two bits with a scale for 16 weights take half of what four do.</summary>
    [Theory]
    [InlineData("mobiuslabsgmbh/Llama-2-7b-chat-hf-2bit_g16-HQQ", 2, 16)]
    [InlineData("mobiuslabsgmbh/Llama-2-7b-chat-hf_1bitgs8_hqq", 1, 8)]
    [InlineData("mobiuslabsgmbh/Llama-3.1-70b-instruct_4bitgs64_hqq", 4, 64)]
    [InlineData("mobiuslabsgmbh/Llama-3.1-8b-instruct_8bitgs128_hqq_calib", 8, 128)]
    [InlineData("o/Qwen3-8B-3bit-HQQ", 3, 64)]
    public void A_tag_of_HQQ_says_bits_and_group(string name, int bits, int group)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal(new QuantizationSpec(QuantizationScheme.HQQ, group, bits), model.CheckpointQuantization?.Usual);
    }

    [Theory]
    [InlineData("nvidia/Qwen3-235B-A22B-NVFP4", QuantizationScheme.NVFP4)]
    [InlineData("Qwen/Qwen3-32B-FP8", QuantizationScheme.FP8)]
    [InlineData("moonshotai/Kimi-K2.5", QuantizationScheme.INT4)]
    [InlineData("openai/gpt-oss-120b", QuantizationScheme.MXFP4)]
    [InlineData("mistralai/Devstral-2-123B-Instruct-2512", QuantizationScheme.FP8)]
    [InlineData("deepseek-ai/DeepSeek-R1", QuantizationScheme.FP8)]
    public void A_checkpoint_that_is_known_as_such_is_stored_as_its_configuration_says(string id, QuantizationScheme scheme)
    {
        Assert.True(ModelCatalogue.TryFind(id, out var model, out var problem), problem);
        Assert.Equal((id, scheme), (model.Name, model.CheckpointQuantization?.Usual.Scheme));
    }

    [Fact]
    public void A_model_whose_checkpoint_is_published_in_few_bits_has_16_where_a_name_says_so()
    {
        Assert.True(ModelCatalogue.TryFind("unsloth/DeepSeek-R1-BF16", out var model, out _));
        Assert.Equal(("deepseek-ai/DeepSeek-R1", null), (model.Name, model.CheckpointQuantization));
    }

    [Fact]
    public void A_model_is_not_taken_for_its_quantised_copy()
    {
        Assert.True(ModelCatalogue.TryFind("Qwen3-32B", out var model, out _));
        Assert.Null(model.CheckpointQuantization);
    }

    [Theory]
    [InlineData("meta-llama/Llama-3-18B")]
    [InlineData("meta-llama/Llama-3.1-80B-Instruct")]
    [InlineData("Qwen/Qwen2.5-8B-Instruct")]
    [InlineData("Qwen/Qwen3-7B")]
    [InlineData("Qwen/Qwen3-72B-FP8")]
    [InlineData("Qwen/Qwen4-8B")]
    [InlineData("google/gemma-5-27b-it")]
    [InlineData("mistralai/Mistral-Small-Instruct-2602")]
    [InlineData("mistralai/Mistral-Small")]
    [InlineData("mistralai/Mistral-7B-v0.9")]
    [InlineData("deepseek-ai/DeepSeek-V5")]
    [InlineData("openai/whisper")]
    [InlineData("openai/whisper-huge")]
    [InlineData("CohereLabs/c4ai-command-r-03-2026")]
    [InlineData("-FP8")]
    [InlineData("FP8")]
    [InlineData("Instruct-2507-FP8")]
    [InlineData("_")]
    [InlineData("2507")]
    public void Another_size_generation_or_release_is_not_found(string name)
    {
        Assert.False(ModelCatalogue.TryFind(name, out var model, out var problem), model?.Name);
        Assert.Contains("not built in", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Qwen/Qwen3-7B", "Qwen/Qwen3-8B")]
    [InlineData("meta-llama/Llama-3.1-80B-Instruct", "meta-llama/Llama-3.1-8B")]
    [InlineData("mistralai/Mixtral-8x21B-v0.1", "mistralai/Mixtral-8x22B-v0.1")]
    [InlineData("openai/whisper-larg-v3", "openai/whisper-large-v3")]
    [InlineData("qwen3.5-397b", "did you mean Qwen/Qwen3.5-397B-A17B")]
    [InlineData("nemotron-3-super", "nvidia/NVIDIA-Nemotron-3-Super-120B-A12B-FP8")]
    [InlineData("llama 4 scout", "did you mean meta-llama/Llama-4-Scout-17B-16E-Instruct?")]
    [InlineData("qwen3", "did you mean Qwen/Qwen3-4B, Qwen/Qwen3-8B")]
    public void The_closest_ids_are_suggested(string name, string close)
    {
        Assert.False(ModelCatalogue.TryFind(name, out _, out var problem));
        Assert.Contains("did you mean", problem, StringComparison.Ordinal);
        Assert.Contains(close, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Qwen/Qwen2.5-7B", 131_072)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct", 32_768)]
    [InlineData("Qwen/Qwen2.5-72B-Instruct-AWQ", 32_768)]
    [InlineData("bartowski/Qwen_Qwen2.5-14B-Instruct-GGUF", 32_768)]
    [InlineData("Qwen/Qwen2.5-7B-Instruct-1M", 1_010_000)]
    [InlineData("Qwen/Qwen3-30B-A3B", 40_960)]
    [InlineData("Qwen/Qwen3-30B-A3B-Base", 32_768)]
    [InlineData("Qwen/Qwen3-30B-A3B-Instruct-2507-FP8", 262_144)]
    [InlineData("qwen3-4b-thinking-2507", 262_144)]
    [InlineData("moonshotai/Kimi-K2-Instruct", 131_072)]
    [InlineData("moonshotai/Kimi-K2-Instruct-0905", 262_144)]
    public void A_variant_has_its_own_longest_sequence(string name, long tokens)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        Assert.Equal(tokens, model.ContextLength);
    }
}
