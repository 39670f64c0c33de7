using GpuMem.Catalogues.Models;
using GpuMem.Serving;

namespace GpuMem.Estimation.Tests.Inference;

/// <summary>Files of llama.cpp as people download them.</summary>
public sealed class GgufFileTests
{
    /// <summary>Llama 3.1 8B, in bits a weight (ggml-org/llama.cpp tools/quantize/README.md).</summary>
    [Theory]
    [InlineData("IQ1_S", 2.0042)]
    [InlineData("IQ1_M", 2.1460)]
    [InlineData("IQ2_XXS", 2.3824)]
    [InlineData("IQ2_XS", 2.5882)]
    [InlineData("IQ2_S", 2.7403)]
    [InlineData("IQ2_M", 2.9294)]
    [InlineData("IQ3_XXS", 3.2548)]
    [InlineData("IQ3_XS", 3.4977)]
    [InlineData("IQ3_S", 3.6606)]
    [InlineData("IQ3_M", 3.7628)]
    [InlineData("IQ4_XS", 4.4597)]
    [InlineData("IQ4_NL", 4.6818)]
    [InlineData("Q2_K_S", 2.9697)]
    [InlineData("Q2_K", 3.1593)]
    [InlineData("Q3_K_S", 3.6429)]
    [InlineData("Q3_K_L", 4.2979)]
    [InlineData("Q4_K_S", 4.6672)]
    [InlineData("Q4_K_M", 4.8944)]
    [InlineData("Q5_K_S", 5.5704)]
    [InlineData("Q5_K_M", 5.7036)]
    [InlineData("Q6_K", 6.5633)]
    [InlineData("Q8_0", 8.5008)]
    public void Every_type_of_llama_cpp_has_its_bits(string type, double bits) =>
        Assert.Equal(bits, 8 * Weights($"meta-llama/Llama-3.1-8B:{type}") / 8_030_261_248.0, tolerance: 0.02 * bits);

    /// <summary>Llama 3.1 70B, in gigabytes (bartowski's files).</summary>
    [Theory]
    [InlineData("IQ3_M", 31.94)]
    [InlineData("Q3_K_S", 30.91)]
    [InlineData("Q3_K_M", 34.27)]
    [InlineData("Q3_K_L", 37.14)]
    [InlineData("IQ4_XS", 37.90)]
    [InlineData("Q4_K_S", 40.35)]
    [InlineData("Q4_K_M", 42.52)]
    public void A_larger_model_shares_its_matrices_otherwise(string type, double gigabytes) =>
        Assert.Equal(gigabytes, Weights($"meta-llama/Llama-3.1-70B:{type}") / 1e9, tolerance: 0.02 * gigabytes);

    /// <summary>Mixtures of unsloth, in gigabytes, as its pages and repositories say. What is in them is made for each model: a size is right within a fifteenth.</summary>
    [Theory]
    [InlineData("unsloth/Kimi-K2-Instruct-GGUF:UD-TQ1_0", 245)]
    [InlineData("unsloth/Kimi-K2-Instruct-GGUF:UD-Q2_K_XL", 381)]
    [InlineData("unsloth/Qwen3-Coder-Next-GGUF:UD-IQ1_S", 21.51)]
    [InlineData("unsloth/Qwen3-Coder-Next-GGUF:UD-TQ1_0", 18.94)]
    [InlineData("unsloth/Qwen3-Coder-Next-GGUF:Q3_K_M", 38.32)]
    [InlineData("unsloth/GLM-4.6-GGUF:UD-Q2_K_XL", 135)]
    [InlineData("unsloth/GLM-4.6-GGUF:UD-Q4_K_XL", 204)]
    [InlineData("unsloth/DeepSeek-R1-0528-GGUF:UD-Q3_K_XL", 296)]
    public void Mixtures_of_models_with_experts_have_bits_of_their_own(string name, double gigabytes) =>
        Assert.Equal(gigabytes, Weights(name) / 1e9, tolerance: 0.065 * gigabytes);

    private static long Weights(string name)
    {
        Assert.True(ModelCatalogue.TryFind(name, out var model, out var problem), problem);
        return ServedWeights.Of(new ServedRank(new InferenceSpec { Model = model, InputLength = 1, Engine = InferenceEngine.Other }, 0)).Expected;
    }
}
