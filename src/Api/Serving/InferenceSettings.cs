using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Inference;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Serving;

/// <summary>How a model is served. What is left out takes the default named with it; lengths and limits are those of one server.</summary>
public sealed class InferenceSettings
{
    /// <summary>The model, in exactly one of the ways of a TrainingJob.</summary>
    public ModelSpec? Model { get; set; }

    /// <summary>The software that serves. Default VLLM.</summary>
    public InferenceEngine? Engine { get; set; }

    /// <summary>Its release, numbers with dots. One that is not known is taken as the nearest known before it. Default: the newest known.</summary>
    public string? EngineVersion { get; set; }

    /// <summary>Type of weights that are not quantised. Default BF16.</summary>
    public DataType? Weights { get; set; }

    /// <summary>How weights are stored. Default: as the checkpoint's configuration says.</summary>
    public QuantizationSettings? Quantization { get; set; }

    /// <summary>Type of keys and values in the cache. Default BF16.</summary>
    public KeyValueCacheType? CacheType { get; set; }

    /// <summary>Type of values in the cache where it is not that of keys (llama.cpp). Default: the same.</summary>
    public KeyValueCacheType? ValueCacheType { get; set; }

    /// <summary>
    /// An 8-bit cache has a scale per token and head instead of one per tensor. Default: true for INT8 in transformers, else false.
    /// </summary>
    public bool? CacheScalesPerTokenHead { get; set; }

    /// <summary>
    /// Tokens for which each sequence's cache is allocated. Default: prompt and output; LitGPT's pipelines take the model's whole context.
    /// </summary>
    public long? CacheLength { get; set; }

    /// <summary>
    /// The cache grows by concatenation, which leaves outgrown blocks to the allocator. Default: true for HuggingFace only.
    /// </summary>
    public bool? GrowingCache { get; set; }

    /// <summary>Tokens per page of the cache. Default: the engine's.</summary>
    public int? BlockSize { get; set; }

    /// <summary>Sequences held at once. Default 1.</summary>
    public long? Sequences { get; set; }

    /// <summary>Tokens of each prompt, or of prompt and output together. Default 8192.</summary>
    public long? InputLength { get; set; }

    /// <summary>Tokens generated for each sequence, beside those of the prompt. Default 0.</summary>
    public long? OutputLength { get; set; }

    /// <summary>The tokens of the prompt for which logits are computed. Default LastToken.</summary>
    public PrefillLogits? Logits { get; set; }

    /// <summary>The attention kernel. Default Flash.</summary>
    public AttentionKernel? Attention { get; set; }

    /// <summary>Tensor parallel size. Default 1.</summary>
    public int? Tensor { get; set; }

    /// <summary>Pipeline parallel size. Default 1.</summary>
    public int? Pipeline { get; set; }

    /// <summary>Groups over which experts are divided while attention is repeated in each. Default 1.</summary>
    public int? Expert { get; set; }

    /// <summary>Tokens of one forward pass (vLLM max_num_batched_tokens). Default: the engine's for the GPU, 8192 without one.</summary>
    public long? MaxBatchedTokens { get; set; }

    /// <summary>Sequences of one forward pass (vLLM max_num_seqs). Default: the engine's for the GPU, 256 without one.</summary>
    public long? MaxSequences { get; set; }

    /// <summary>Graphs of the decoding step are captured. Default true.</summary>
    public bool? CudaGraphs { get; set; }

    /// <summary>
    /// Share of the GPU that the engine takes, above 0 and at most 1 (vLLM gpu_memory_utilization). Default: the engine's rule.
    /// </summary>
    public decimal? MemoryFraction { get; set; }

    /// <summary>Adapters that can be loaded at once (vLLM max_loras). Default 0.</summary>
    public int? LoraSlots { get; set; }

    /// <summary>Rank that each slot has room for. Default 16.</summary>
    public int? LoraRank { get; set; }

    /// <summary>A smaller model that proposes tokens. Default: none.</summary>
    public DraftSettings? Draft { get; set; }

    /// <summary>The model's own modules for further tokens draft for it (DeepSeek V3). Default false.</summary>
    public bool? PredictionModules { get; set; }
}

/// <summary>A smaller model that proposes tokens, which the served model then checks.</summary>
public sealed class DraftSettings
{
    /// <summary>The draft, in exactly one of the ways of a TrainingJob's model.</summary>
    public ModelSpec? Model { get; set; }

    /// <summary>Ranks that share the draft. Default 1: each holds it whole.</summary>
    public int? Tensor { get; set; }
}
