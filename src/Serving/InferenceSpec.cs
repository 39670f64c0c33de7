namespace GpuMem.Serving;

/// <summary>A model and how it is served: everything the estimate depends on. Lengths are in tokens.</summary>
public sealed record InferenceSpec
{
    /// <summary>What is served.</summary>
    public required ModelArchitecture Model { get; init; }

    /// <summary>The program that serves.</summary>
    public InferenceEngine Engine { get; init; } = InferenceEngine.VLLM;

    /// <summary>Its release, such as <c>0.19.0</c>; null takes what is known of the newest.</summary>
    public string? EngineVersion { get; init; }

    /// <summary>Of weights that are not quantised.</summary>
    public DataType Weights { get; init; } = DataType.BF16;

    /// <summary>Null takes the checkpoint's own, see <see cref="ModelArchitecture.CheckpointQuantization"/>.</summary>
    public QuantizationSpec? Quantization { get; init; }

    /// <summary>The type of keys and values in the cache; default BF16.</summary>
    public KeyValueCacheType KvCacheDtype { get; init; } = KeyValueCacheType.BF16;

    /// <summary>The type of values, where it is not that of keys (llama.cpp <c>--cache-type-v</c>); null for the same.</summary>
    public KeyValueCacheType? ValueCacheDtype { get; init; }

    /// <summary>8-bit cache with four bytes of scales per token and head instead of one scale per tensor; null takes it for integers in transformers only.</summary>
    public bool? CacheScalesPerTokenHead { get; init; }

    /// <summary>Sequences held at once.</summary>
    public long Batch { get; init; } = 1;

    /// <summary>Of the prompt of each sequence.</summary>
    public required long InputLength { get; init; }

    /// <summary>Generated for each sequence.</summary>
    public long OutputLength { get; init; }

    /// <summary>Tokens for which each sequence's cache is allocated; null for prompt and output together, and for the model's whole context in LitGPT's pipelines.</summary>
    public long? CacheLength { get; init; }

    /// <summary>Which tokens of the prompt logits are made for.</summary>
    public PrefillLogits Logits { get; init; }

    /// <summary>The attention kernel.</summary>
    public AttentionKernel Attention { get; init; } = AttentionKernel.Flash;

    /// <summary>GPUs over which each layer is divided.</summary>
    public int Tensor { get; init; } = 1;

    /// <summary>Stages into which the layers are cut, one after the other.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Over how many groups of tensor-parallel ranks experts are divided while attention is repeated in each.</summary>
    public int Expert { get; init; } = 1;

    /// <summary>The cache grows by concatenation, which leaves the outgrown blocks reserved; null takes it for transformers only.</summary>
    public bool? GrowingCache { get; init; }

    /// <summary>Tokens per page of the cache; null takes the engine's default.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Tokens of one forward pass (vLLM <c>max_num_batched_tokens</c>, SGLang's chunk); its activations are held against the budget.</summary>
    public long MaxBatchedTokens { get; init; } = 8192;

    /// <summary>Sequences of one forward pass (vLLM <c>max_num_seqs</c>), whose logits are sampled.</summary>
    public long MaxSequences { get; init; } = 256;

    /// <summary>Graphs of the decoding step are captured; engines do so unless told otherwise, transformers does not.</summary>
    public bool CudaGraphs { get; init; } = true;

    /// <summary>Share of the GPU that the engine takes (vLLM <c>gpu_memory_utilization</c>); null takes the engine's rule.</summary>
    public decimal? MemoryFraction { get; init; }

    /// <summary>Of each GPU for the cache, in place of what the share leaves (vLLM <c>kv_cache_memory_bytes</c>); null without.</summary>
    public Bytes? CacheMemory { get; init; }

    /// <summary>Of each GPU's weights, what stays in the memory of the host (vLLM <c>cpu_offload_gb</c>).</summary>
    public Bytes WeightsOnHost { get; init; }

    /// <summary>Layers, from the first on, whose routed experts stay in the memory of the host (llama.cpp <c>--n-cpu-moe</c>).</summary>
    public int ExpertLayersOnHost { get; init; }

    /// <summary>Adapters that can be loaded at once, all allocated at start (vLLM <c>max_loras</c>).</summary>
    public int LoraSlots { get; init; }

    /// <summary>What each slot has room for.</summary>
    public LoraSpec Lora { get; init; } = new();

    /// <summary>A small model that guesses tokens for the large one to check; null without.</summary>
    public SpeculativeDraft? Draft { get; init; }

    /// <summary>The model's own modules for further tokens draft for it (DeepSeek V3).</summary>
    public bool PredictionModules { get; init; }

    /// <summary>Layers of each stage, from the first on (vLLM VLLM_PP_LAYER_PARTITION); null, or of another count than stages, takes the engine's division.</summary>
    public IReadOnlyList<int>? StageLayers { get; init; }

    /// <summary>Of the tensor-parallel ranks, those among which the tokens of a sequence's cache are divided (vLLM <c>decode_context_parallel_size</c>).</summary>
    public int DecodeContext { get; init; } = 1;

    /// <summary>Tokens that are proposed at once, by whatever means (vLLM <c>num_speculative_tokens</c>); 0 takes one where there is a draft or a module.</summary>
    public int ProposedTokens { get; init; }

    /// <summary>Caches stay for requests that begin alike (vLLM <c>enable_prefix_caching</c>); null takes the release's default for layers that keep states.</summary>
    public bool? PrefixCaching { get; init; }

    /// <summary>Layers with a window keep that alone and not the whole sequence (vLLM and SGLang, unless <c>disable_hybrid_kv_cache_manager</c> or <c>disable_hybrid_swa_memory</c> is given).</summary>
    public bool HybridCache { get; init; } = true;

    /// <summary>
    /// Sequences that layers with a state keep one for: llama.cpp's slots, SGLang's <c>max_mamba_cache_size</c>; null takes those asked for, and SGLang's share.
    /// </summary>
    public long? StateSlots { get; init; }

    /// <summary>What SGLang gives to states for each byte that it gives to entries (<c>mamba_full_memory_ratio</c>); null takes 0.9.</summary>
    public decimal? StateShare { get; init; }

    /// <summary>The type of states (vLLM <c>mamba_ssm_cache_dtype</c>, SGLang <c>mamba_ssm_dtype</c>); null takes what the model's configuration says.</summary>
    public DataType? StateType { get; init; }

    /// <summary>Tokens that SGLang's layers with a window have room for, of each in the others (<c>swa_full_tokens_ratio</c>); null takes 0.8.</summary>
    public decimal? WindowShare { get; init; }

    /// <summary>Routed experts run on Marlin, as a flag says (SGLang <c>moe_runner_backend</c>, vLLM <c>moe_backend</c>).</summary>
    public bool MarlinExperts { get; init; }

    /// <summary>Towers for pictures and sound stay out (vLLM <c>language_model_only</c>).</summary>
    public bool TextOnly { get; init; }

    /// <summary>transformers finds no kernels for MXFP4 on the GPU and loads such weights in 16 bits: no choice of a user's.</summary>
    internal bool ExpandsMxfp4 { get; init; }

    internal bool StorageIsKnown => Model.UnknownStorage is null || Quantization is not null;

    internal bool RunsVllm => Engine is InferenceEngine.VLLM or InferenceEngine.KAITO;

    internal int Proposed => Math.Max(ProposedTokens, Draft is not null || PredictionModules ? 1 : 0);

    internal bool IsLitGPT => Engine == InferenceEngine.LitGPT;

    /// <summary>litgpt/generate/sequentially.py allocates the cache before it knows the prompt.</summary>
    internal long SequenceLength => CacheLength
        ?? Math.Max(checked(InputLength + OutputLength), IsLitGPT && Pipeline > 1 ? Model.ContextLength : 0);
}

/// <summary>A smaller model that proposes tokens (arXiv 2211.17192); it caches the same ones.</summary>
/// <param name="Model">The draft.</param>
/// <param name="Tensor">Ranks that share it; 1 puts a whole copy on every rank.</param>
public sealed record SpeculativeDraft(ModelArchitecture Model, int Tensor = 1);
