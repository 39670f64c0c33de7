namespace GpuMem.Evaluation.Cases;

/// <summary>One published measurement of GPU memory with the job it belongs to; every field is present but Rollout, which few have. Sizes are GiB per GPU.</summary>
public sealed record MeasuredCase
{
    public required string Id { get; init; }

    /// <summary>Cases of one group describe the same job: several metrics, ranks or repetitions.</summary>
    public required string Group { get; init; }

    public required string Source { get; init; }

    public required CaseFramework Framework { get; init; }

    public required string? FrameworkVersion { get; init; }

    public required CaseTrainer Trainer { get; init; }

    public required CaseMode Mode { get; init; }

    public required CaseModel Model { get; init; }

    public required CasePrecision Precision { get; init; }

    public required CaseOptimizer Optimizer { get; init; }

    public required bool OptimizerInBackward { get; init; }

    public required bool? ForeachOptimizer { get; init; }

    public required CaseSharding Sharding { get; init; }

    public required CaseParallel Parallel { get; init; }

    public required CaseBatch Batch { get; init; }

    public required CaseRecompute Recompute { get; init; }

    public required CaseAttention Attention { get; init; }

    public required CaseLoss Loss { get; init; }

    public required bool Compile { get; init; }

    public required CaseOffload Offload { get; init; }

    public required CaseLora? Lora { get; init; }

    public required CaseQuantization? Quantization { get; init; }

    public required CaseInference? Inference { get; init; }

    /// <summary>What the loss is computed from and of how much; left out where that is the next token.</summary>
    public CaseRollout? Rollout { get; init; }

    public required CaseGpu Gpu { get; init; }

    public required CaseMeasurement Measured { get; init; }

    public required CaseConfidence Confidence { get; init; }

    /// <summary>Paths of fields that the source does not state.</summary>
    public required IReadOnlyList<string> Assumed { get; init; }

    public required string Note { get; init; }
}

/// <summary>The model: its Hugging Face id, if it has one, its dimensions, and parameters as held in memory.</summary>
public sealed record CaseModel(string? Id, CaseArchitecture Architecture, long Parameters);

/// <summary>The dimensions of the model; counts.</summary>
public sealed record CaseArchitecture
{
    public required long HiddenSize { get; init; }

    public required int Layers { get; init; }

    public required int Heads { get; init; }

    public required int KvHeads { get; init; }

    /// <summary>Null only for multi-head latent attention.</summary>
    public required int? HeadDim { get; init; }

    public required long FfnHiddenSize { get; init; }

    public required long VocabSize { get; init; }

    public required bool TiedEmbeddings { get; init; }

    public required bool GatedMlp { get; init; }

    public required CaseNorm Norm { get; init; }

    public required bool Bias { get; init; }

    public required CasePositional Positional { get; init; }

    public required CaseMoe? Moe { get; init; }

    public required CaseMla? Mla { get; init; }
}

/// <summary>A mixture of experts: how many, how many work on a token, and their widths.</summary>
public sealed record CaseMoe(int Experts, int TopK, long ExpertFfnHiddenSize, int SharedExperts, long? SharedFfnHiddenSize, int FirstDenseLayers);

/// <summary>Latent attention: ranks and head dimensions.</summary>
public sealed record CaseMla(long? QLoraRank, long KvLoraRank, int QkNopeHeadDim, int QkRopeHeadDim, int VHeadDim);

/// <summary>Data types, by what they are of.</summary>
public sealed record CasePrecision
{
    public required CaseDataType Compute { get; init; }

    public required CaseDataType Parameters { get; init; }

    /// <summary>A master copy beside the weights.</summary>
    public required CaseDataType? MasterParameters { get; init; }

    public required CaseDataType Gradients { get; init; }

    /// <summary>A second copy of the gradients.</summary>
    public required CaseDataType? ExtraGradients { get; init; }

    /// <summary>Of each moment.</summary>
    public required CaseDataType OptimizerStates { get; init; }
}

/// <summary>What the data-parallel ranks divided.</summary>
public sealed record CaseSharding(int ZeroStage, CaseFsdp Fsdp, bool DistributedOptimizer);

/// <summary>The parallel layout: degrees.</summary>
public sealed record CaseParallel
{
    public required int Gpus { get; init; }

    public required int Tensor { get; init; }

    public required int Pipeline { get; init; }

    public required int Context { get; init; }

    public required int Data { get; init; }

    public required int Expert { get; init; }

    public required bool SequenceParallel { get; init; }

    public required CaseSchedule PipelineSchedule { get; init; }

    public required int VirtualStages { get; init; }

    public required CaseRank Rank { get; init; }
}

/// <summary>Sequences and tokens of one pass.</summary>
public sealed record CaseBatch(long MicroBatch, long SequenceLength, long? GradientAccumulation, bool? Padded);

/// <summary>What lived off the GPU.</summary>
public sealed record CaseOffload(CaseOffloadTarget Parameters, CaseOffloadTarget Optimizer, bool Activations);

/// <summary>Adapters: rank, adapted layers, type.</summary>
public sealed record CaseLora(int Rank, IReadOnlyList<string> Targets, CaseDataType AdapterDtype);

/// <summary>The format of the frozen weights; weights per scale, null for one per row.</summary>
public sealed record CaseQuantization(CaseScheme Scheme, int? GroupSize);

/// <summary>A served model: sequences and tokens.</summary>
public sealed record CaseInference(CaseEngine Engine, long Batch, long InputLength, long OutputLength, CaseDataType KvCacheDtype, CaseLogits Logits);

/// <summary>What was learnt from: completions of so many tokens, so many of one prompt.</summary>
public sealed record CaseRollout(CaseObjective Objective, long? CompletionLength, int? GroupSize);

/// <summary>The GPU: its name and memory in GiB, as far as the source says.</summary>
public sealed record CaseGpu(string? Name, double? MemoryGiB);

/// <summary>What was measured, in GiB; null where a run only fit or did not.</summary>
public sealed record CaseMeasurement(CaseMetric Metric, double? Gib, CaseComponent? Component);
