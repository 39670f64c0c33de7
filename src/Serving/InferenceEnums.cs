namespace GpuMem.Serving;

/// <summary>The software that serves: it decides how the cache is kept and what is set aside.</summary>
public enum InferenceEngine
{
    /// <summary>transformers <c>generate</c>: takes what it needs, the cache grows as text does.</summary>
    HuggingFace,

    /// <summary>Takes a share of the GPU at start and fills it with paged cache (arXiv 2309.06180).</summary>
    VLLM,

    /// <summary>sgl-project/sglang.</summary>
    SGLang,

    /// <summary>huggingface/text-generation-inference.</summary>
    TGI,

    /// <summary>NVIDIA/TensorRT-LLM.</summary>
    TensorRTLLM,

    /// <summary>vLLM as kaito-project/kaito starts it, with a share of its own.</summary>
    KAITO,

    /// <summary>ggml-org/llama.cpp, its server: the whole context is allocated at start, in cells of 256 tokens.</summary>
    LlamaCpp,

    /// <summary>Quantises the output matrix too, repeats embedding and head on tensor-parallel ranks, and puts both on the first stage of a pipeline.</summary>
    LitGPT,

    /// <summary>Anything else: a cache allocated once for the whole sequence.</summary>
    Other,
}

/// <summary>Types in which keys and values are cached.</summary>
public enum KeyValueCacheType
{
    /// <summary>Four bytes.</summary>
    FP32,

    /// <summary>Two bytes.</summary>
    FP16,

    /// <summary>Two bytes.</summary>
    BF16,

    /// <summary>One byte.</summary>
    FP8,

    /// <summary>One byte.</summary>
    INT8,

    /// <summary>4-bit float with an fp8 scale per 16 elements.</summary>
    NVFP4,

    /// <summary>llama.cpp's q8_0: 32 elements with an fp16 scale in 34 bytes.</summary>
    Q8,

    /// <summary>llama.cpp's q4_0: 32 elements with an fp16 scale in 18 bytes.</summary>
    Q4,

    /// <summary>vLLM's layout for latent attention: fp8 with an fp32 scale per 128 elements, the rotary part in 16 bits.</summary>
    FP8DeepSeek,
}

/// <summary>For which tokens of the prompt logits are computed.</summary>
public enum PrefillLogits
{
    /// <summary>Of the last token of the prompt alone.</summary>
    LastToken,

    /// <summary>All of them, as transformers did before <c>num_logits_to_keep</c>.</summary>
    AllTokens,
}
