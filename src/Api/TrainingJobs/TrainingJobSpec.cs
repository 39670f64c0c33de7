using System.Text.Json.Nodes;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;

namespace GpuMem.Api.TrainingJobs;

[Description("What to train and how. Whatever is left out takes the default named in its description.")]
[ValidationRule("!(has(self.template) && has(self.targetRef))", message: "give template (GpuMem launches the job) or targetRef (somebody else does), not both")]
public sealed class TrainingJobSpec
{
    [Required]
    [Description("The model, in exactly one of five ways.")]
    public ModelSpec? Model { get; set; }

    [Required]
    [Description("How the model is trained.")]
    public TrainingSettings? Training { get; set; }

    [Description("How the work is divided over GPUs. Default: data parallel over as many GPUs as the memory needs.")]
    public ParallelismSettings? Parallelism { get; set; }

    [Description("Where the job may run. Default: any GPU pool.")]
    public PlacementSettings? Placement { get; set; }

    [Description("What GpuMem may do about it.")]
    public PolicySettings? Policy { get; set; }

    [PreserveUnknownFields]
    [Description("The pod template, as in a Job: GpuMem launches one such pod per node, with GPU count, node pool and torchrun's PET_* rendezvous filled in. Its author must be allowed to create pods in this namespace.")]
    public JsonObject? Template { get; set; }

    [Description("A workload that somebody else launches and that this job describes.")]
    public TargetReference? TargetRef { get; set; }

    [Description("True keeps the job from being launched; its estimate is still made. Default false.")]
    public bool? Suspend { get; set; }
}

[Description("A model, by name, by its Hugging Face config.json, by its dimensions or roughly by its size.")]
[ValidationRule(
    "(has(self.name) ? 1 : 0) + (has(self.config) ? 1 : 0) + (has(self.configMapKeyRef) ? 1 : 0) + (has(self.architecture) ? 1 : 0) + (has(self.parameters) ? 1 : 0) == 1",
    message: "give exactly one of name, config, configMapKeyRef, architecture and parameters")]
public sealed class ModelSpec
{
    [Length(1, 253)]
    [Description("Hugging Face id or unambiguous short name in the built-in catalogue. Example: meta-llama/Llama-3.1-8B.")]
    public string? Name { get; set; }

    [PreserveUnknownFields]
    [Description("A Hugging Face config.json, verbatim.")]
    public JsonObject? Config { get; set; }

    [Description("A config.json in a ConfigMap of this namespace.")]
    public ConfigMapKeyReference? ConfigMapKeyRef { get; set; }

    [Description("The dimensions of a dense decoder.")]
    public ArchitectureSpec? Architecture { get; set; }

    [Length(1, 16)]
    [Pattern(@"^[0-9]+(\.[0-9]+)?[MBT]$")]
    [Description("Roughly how many parameters, in millions (M), billions (B) or trillions (T). The dimensions are inferred, so the estimate is wide. Example: 7B.")]
    public string? Parameters { get; set; }
}

public sealed class ConfigMapKeyReference
{
    [Required]
    [Length(1, 253)]
    [Pattern("^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$")]
    [Description("Name of the ConfigMap, in the namespace of the TrainingJob.")]
    public string? Name { get; set; }

    [Required]
    [Length(1, 253)]
    [Description("Key of the config.json. Example: config.json.")]
    public string? Key { get; set; }
}

[Description("Dimensions of a dense decoder, in elements.")]
public sealed class ArchitectureSpec
{
    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(1_000_000)]
    [Description("Width of the residual stream (hidden_size). Example: 4096.")]
    public long? HiddenSize { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(10_000)]
    [Description("Decoder layers (num_hidden_layers). Example: 32.")]
    public int? Layers { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Query heads (num_attention_heads). Example: 32.")]
    public int? AttentionHeads { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Key and value heads (num_key_value_heads). Default: as many as query heads. Example: 8.")]
    public int? KeyValueHeads { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(100_000)]
    [Description("Width of one head (head_dim). Default: hiddenSize / attentionHeads. Example: 128.")]
    public int? HeadDimension { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(10_000_000)]
    [Description("Width of the feed-forward layer (intermediate_size). Example: 14336.")]
    public long? FeedForwardSize { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(100_000_000)]
    [Description("Tokens in the vocabulary as deployed, padding included (vocab_size). Example: 128256.")]
    public long? VocabularySize { get; set; }

    [Description("The output matrix is the embedding (tie_word_embeddings). Default false.")]
    public bool? TiedEmbeddings { get; set; }

    [Description("Three feed-forward matrices as in SwiGLU, instead of two. Default true.")]
    public bool? GatedFeedForward { get; set; }
}

[Description("How the model is trained.")]
public sealed class TrainingSettings
{
    [Description("What is trained; pretraining and full fine-tuning are both Full. Default Full.")]
    public TrainingMethod? Method { get; set; }

    [Description("The software that owns parameters and states: it decides buffers and defaults. Default PyTorchFSDP.")]
    public TrainingFramework? Framework { get; set; }

    [Description("Data types of weights, gradients and states. Default BF16Mixed.")]
    public Precision? Precision { get; set; }

    [Description("The optimizer. Default AdamW.")]
    public Optimizer? Optimizer { get; set; }

    [Required]
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxSequenceLength)]
    [Description("Tokens per sequence; with padding, the longest. Example: 8192.")]
    public long? SequenceLength { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxMicroBatchSize)]
    [Description("Sequences per GPU and forward pass. Default 1.")]
    public long? MicroBatchSize { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxGlobalBatchSize)]
    [Description("Sequences per optimizer step over all GPUs; gradient accumulation follows from it. Default: one micro-batch per data parallel rank. Example: 128.")]
    public long? GlobalBatchSize { get; set; }

    [Description("Activation checkpointing: what backward computes again instead of keeping. Default None.")]
    public Recompute? Recompute { get; set; }

    [Description("Eager keeps the quadratic score matrix; Flash and SDPA do not. Default Flash.")]
    public AttentionKernel? Attention { get; set; }

    [Description("How logits and cross entropy are computed: Full for all tokens at once, Chunked, or Fused with the output matrix. Default Full.")]
    public LossKernel? Loss { get; set; }

    [Description("The kernels of a layer are fused, by torch.compile or by the framework. Default: as the framework does.")]
    public bool? FusedKernels { get; set; }

    [Description("Adapters, for LoRA and QLoRA.")]
    public LoraSettings? Lora { get; set; }
}

public sealed class LoraSettings
{
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxLoraRank)]
    [Description("Rank of the adapters. Default 16.")]
    public int? Rank { get; set; }

    [Items(maxItems: 32, MaxLength = 64)]
    [Description("Linear layers with adapters. Default: all of a block. Example: [q_proj, v_proj].")]
    public IList<string>? TargetModules { get; set; }
}

[Description("Degrees of parallelism. GPUs = tensor × pipeline × context × data.")]
public sealed class ParallelismSettings
{
    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Tensor parallel size; must divide the attention heads. Default 1.")]
    public int? Tensor { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Pipeline parallel size; must divide the layers. Default 1.")]
    public int? Pipeline { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Context parallel size: the sequence is divided over this many GPUs. Default 1.")]
    public int? Context { get; set; }

    [RangeMinimum(1)]
    [RangeMaximum(JobLimits.MaxParallelDegree)]
    [Description("Expert parallel size, for mixtures of experts; taken from the data parallel ranks. Default 1.")]
    public int? Expert { get; set; }

    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1", message: "give Auto or a number of 1 or more")]
    [Description("Data parallel size, or Auto: the smallest that fits, rounded to a GPU count that the pool sells. Default Auto.")]
    public IntOrString? Data { get; set; }

    [Description("What is divided over the data parallel ranks: ZeRO stages None (0), Optimizer (1), Gradients (2), Full (3, also FSDP). Default: Full under PyTorchFSDP, None otherwise.")]
    public Sharding? Sharding { get; set; }

    [Description("Norms and dropout divided over the tensor parallel ranks too. Default false.")]
    public bool? SequenceParallel { get; set; }
}

[Description("Where the job may run.")]
public sealed class PlacementSettings
{
    [ValidationRule("type(self) == string ? self == 'Auto' : int(self) >= 1", message: "give Auto or a number of 1 or more")]
    [Description("GPUs of one pod, or Auto. Default Auto.")]
    public IntOrString? GpusPerNode { get; set; }

    [Items(maxItems: 64)]
    [Description("Names of GPU pools the job may use. Default: any. Example: [h100, h200].")]
    public IList<string>? Pools { get; set; }

    [Description("What makes one placement better than another. Default Cost.")]
    public Objective? Objective { get; set; }
}

/// <summary>What a verdict leads to.</summary>
public enum PolicyMode
{
    /// <summary>Estimate only.</summary>
    Off,

    /// <summary>Say it, and admit.</summary>
    Warn,

    /// <summary>Reject what does not fit.</summary>
    Enforce,
}

/// <summary>When the GPU count of a pod is rewritten.</summary>
public enum RewriteMode
{
    Never,

    /// <summary>Only where the pod asks for no GPU (the API conventions' rule for automatic writers).</summary>
    IfUnset,
    Always,
}

public enum UnknownCapacity
{
    Allow,
    Deny,
}

[Description("What GpuMem may do about the job.")]
public sealed class PolicySettings
{
    [Description("'Off' (in quotes, because YAML reads Off as false) estimates only, Warn says what it finds, Enforce rejects pods that cannot fit. Default Enforce.")]
    public PolicyMode? Mode { get; set; }

    [Description("Whether the GPU count that the pod template asks for is replaced by the plan's: Never, IfUnset (only where it asks for none) or Always. Default IfUnset.")]
    public RewriteMode? Rewrite { get; set; }

    [RangeMinimum(0)]
    [RangeMaximum(99)]
    [Description("Percent of each GPU that should stay free. A job without that headroom is AtRisk; it is never rejected for it. Default 0.")]
    public int? HeadroomPercent { get; set; }

    [Description("Whether a job is admitted when no GPU's memory is known. Default Allow.")]
    public UnknownCapacity? UnknownCapacity { get; set; }
}

[Description("A workload in the same namespace.")]
public sealed class TargetReference
{
    [Required]
    [Length(1, 253)]
    [Description("API version of the workload. Example: batch/v1.")]
    public string? ApiVersion { get; set; }

    [Required]
    [Length(1, 63)]
    [Description("Kind of the workload. Example: Job.")]
    public string? Kind { get; set; }

    [Required]
    [Length(1, 253)]
    [Description("Name of the workload.")]
    public string? Name { get; set; }
}
