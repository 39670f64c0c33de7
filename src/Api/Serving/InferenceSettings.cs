using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;
using GpuMem.Serving;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Serving;

/// <summary>
/// How a model is served: in a file for <c>gpumem inference</c>, and in a ModelServer. What is left out takes the default named with it; lengths and
/// limits are those of one server.
/// </summary>
public class InferenceSettings
{
    [Required]
    [Description("The model, in exactly one of five ways.")]
    public ModelSpec? Model { get; set; }

    [Description("The software that serves. Default VLLM.")]
    public InferenceEngine? Engine { get; set; }

    [Length(1, 32)]
    [Pattern("^[0-9][0-9A-Za-z.+-]*$")]
    [Description("Its release, numbers with dots. One that is not known is taken as the nearest known before it. Default: the newest known. Example: 0.19.0.")]
    public string? EngineVersion { get; set; }

    [Description("Type of weights that are not quantised (vLLM dtype). Default BF16.")]
    public DataType? Weights { get; set; }

    [Description("How weights are stored. Default: as the checkpoint's configuration says.")]
    public QuantizationSettings? Quantization { get; set; }

    [Description("Type of keys and values in the cache (vLLM kv_cache_dtype). Default BF16.")]
    public KeyValueCacheType? CacheType { get; set; }

    [Description("Type of values in the cache where it is not that of keys (llama.cpp). Default: the same. Example: Q8.")]
    public KeyValueCacheType? ValueCacheType { get; set; }

    [Description("An 8-bit cache has a scale per token and head instead of one per tensor. Default: true for INT8 in transformers, else false.")]
    public bool? CacheScalesPerTokenHead { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens for which each sequence's cache is allocated. Default: prompt and output; LitGPT's pipelines take the model's whole context.")]
    public long? CacheLength { get; set; }

    [Description("The cache grows by concatenation, which leaves outgrown blocks to the allocator. Default: true for HuggingFace only.")]
    public bool? GrowingCache { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    [Description("Tokens per page of the cache. Default: the engine's. Example: 16.")]
    public int? BlockSize { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxMicroBatchSize)]
    [Description("Sequences held at once, each of the whole length: concurrent requests. Default 1. Example: 64.")]
    public long? Sequences { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens of one sequence, prompt and output together (vLLM max_model_len). Default: inputLength and outputLength. Example: 32768.")]
    public long? ContextLength { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens of each prompt, where the whole is not given as contextLength. Default: what outputLength leaves of contextLength; 8192 in a file without either.")]
    public long? InputLength { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens generated for each sequence, which transformers holds apart from the prompt's. Default 0: they are counted with the prompt.")]
    public long? OutputLength { get; set; }

    [Description("The tokens of the prompt for which logits are computed. Default LastToken.")]
    public PrefillLogits? Logits { get; set; }

    [Description("The attention kernel. Default Flash.")]
    public AttentionKernel? Attention { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1 && int(self) <= 1000000", message: "give Auto or a number from 1 to 1000000")]
    [Description("Tensor parallel size; must divide the attention heads. Auto: the smallest that serves, the pod's GPUs where those are fixed. Default 1. Example: 4.")]
    public OrAuto<int>? Tensor { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Pipeline parallel size; at most the layers. Default 1.")]
    public int? Pipeline { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Ranks of tensor among which the tokens of each sequence's cache are divided; a divisor of it (vLLM decode_context_parallel_size). Default 1.")]
    public int? DecodeContext { get; set; }

    [Length(1, 512)]
    [Pattern("^[0-9]{1,5}(,[0-9]{1,5})*$")]
    [Description("Layers of each stage of the pipeline, from the first on; together those of the model (vLLM VLLM_PP_LAYER_PARTITION). Default: as the engine divides them. Example: 20,20,21,19.")]
    public string? StageLayers { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Groups over which experts are divided while attention is repeated in each. Default 1.")]
    public int? Expert { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens of one forward pass (vLLM max_num_batched_tokens). Default: the engine's for the GPU, 8192 without one.")]
    public long? MaxBatchedTokens { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxMicroBatchSize)]
    [Description("Sequences of one forward pass (vLLM max_num_seqs). Default: the engine's for the GPU, 256 without one.")]
    public long? MaxSequences { get; set; }

    [Description("Graphs of the decoding step are captured. Default true.")]
    public bool? CudaGraphs { get; set; }

    [Length(1, 8)]
    [Pattern(@"^(0\.[0-9]{1,5}|1|1\.0|[0-9]{1,4}m)$")]
    [Description(
        "Share of the GPU that the engine takes, above 0 and at most 1 (vLLM gpu_memory_utilization); in quotes, because resources have no floating point numbers. "
        + "Default: the engine's rule. Example: '0.92'.")]
    public Quantity? MemoryFraction { get; set; }

    [Length(1, 24)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$")]
    [Description("Memory of each GPU for the cache, where it is not what memoryFraction leaves (vLLM kv_cache_memory_bytes). Default: what is left. Example: 20Gi.")]
    public Quantity? CacheMemory { get; set; }

    [Length(1, 24)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|k|M|G|T)?$")]
    [Description("Weights of each GPU that stay in the memory of the host (vLLM cpu_offload_gb). Default 0. Example: 10Gi.")]
    public Quantity? WeightsOnHost { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(ModelLimits.MaxLayers)]
    [Description("Layers, from the first on, whose routed experts stay in the memory of the host (llama.cpp n-cpu-moe). Default 0. Example: 20.")]
    public int? ExpertLayersOnHost { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(4096)]
    [Description("Adapters that can be loaded at once (vLLM max_loras). Default 0.")]
    public int? LoraSlots { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(65_536)]
    [Description("Rank that each slot has room for (vLLM max_lora_rank). Default 16.")]
    public int? LoraRank { get; set; }

    [Description("A smaller model that proposes tokens. Default: none.")]
    public DraftSettings? Draft { get; set; }

    [Description("The model's own modules for further tokens draft for it (DeepSeek V3). Default false.")]
    public bool? PredictionModules { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(256)]
    [Description("Tokens that are proposed at once, by whatever means: each holds a further state where layers keep states (vLLM num_speculative_tokens). Default: 1 with a draft or modules, else 0.")]
    public int? ProposedTokens { get; set; }

    [Description("Caches stay for requests that begin alike: a sequence holds one state more where layers keep states (vLLM enable_prefix_caching). Default: as the release has it for such models.")]
    public bool? PrefixCaching { get; set; }

    [Description("Layers with a window keep that alone; false makes them keep the whole sequence (vLLM disable_hybrid_kv_cache_manager, SGLang disable_hybrid_swa_memory). Default true.")]
    public bool? HybridCache { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxMicroBatchSize)]
    [Description("Sequences that layers with a state keep one for, of whatever length (llama.cpp parallel, SGLang max_mamba_cache_size). Default: sequences, 4 in llama.cpp where those are not given; SGLang's share. Example: 64.")]
    public long? StateSlots { get; set; }

    [Length(1, 8)]
    [Pattern(@"^([0-9]{1,2}(\.[0-9]{1,5})?|[0-9]{1,5}m)$")]
    [Description("What SGLang gives to states for each byte that it gives to keys and values (mamba_full_memory_ratio). Default 0.9. Example: '0.5'.")]
    public Quantity? StateShare { get; set; }

    [Description("Type of the states of layers without attention (vLLM mamba_ssm_cache_dtype, SGLang mamba_ssm_dtype): FP32, BF16 or FP16. Default: as the model's configuration says.")]
    public DataType? StateType { get; set; }

    [Length(1, 8)]
    [Pattern(@"^(0\.[0-9]{1,5}|1|1\.0|[0-9]{1,4}m)$")]
    [Description("Tokens that SGLang's layers with a window have room for, of each in the others (swa_full_tokens_ratio). Default 0.8. Example: '0.1'.")]
    public Quantity? WindowShare { get; set; }

    [Description("Routed experts run on Marlin kernels (SGLang moe_runner_backend, vLLM moe_backend: marlin). Default false: on those that the release takes.")]
    public bool? MarlinExperts { get; set; }

    [Description("Towers for pictures and sound stay out (vLLM language_model_only, or limit_mm_per_prompt of zeros). Default false.")]
    public bool? TextOnly { get; set; }
}

[Description("A smaller model that proposes tokens, which the served model then checks.")]
public sealed class DraftSettings
{
    [Required]
    [Description("The draft, in exactly one of the ways of a TrainingJob's model.")]
    public ModelSpec? Model { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Ranks that share the draft. Default 1: each holds it whole.")]
    public int? Tensor { get; set; }
}
