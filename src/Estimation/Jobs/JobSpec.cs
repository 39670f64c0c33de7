namespace GpuMem.Estimation.Jobs;

/// <summary>A model and the strategy that trains it: everything the estimate depends on, nothing left open.</summary>
public sealed record JobSpec
{
    /// <summary>What is trained.</summary>
    public required ModelArchitecture Model { get; init; }

    /// <summary>How it is trained.</summary>
    public required TrainingSpec Training { get; init; }

    /// <summary>How the work is divided over GPUs.</summary>
    public ParallelismSpec Parallelism { get; init; } = new();
}

/// <summary>How the model is trained. Lengths are in tokens, batches in sequences.</summary>
public sealed record TrainingSpec
{
    /// <summary>All weights or adapters; default Full.</summary>
    public TrainingMethod Method { get; init; } = TrainingMethod.Full;

    /// <summary>The software that owns weights, gradients and states.</summary>
    public TrainingFramework Framework { get; init; } = TrainingFramework.PyTorchFSDP;

    /// <summary>The recipe of data types; default BF16Mixed.</summary>
    public Precision Precision { get; init; } = Precision.BF16Mixed;

    /// <summary>What updates the weights; default AdamW.</summary>
    public Optimizer Optimizer { get; init; } = Optimizer.AdamW;

    /// <summary>Tokens per sequence, 1 to <see cref="JobLimits.MaxSequenceLength"/>.</summary>
    public required long SequenceLength { get; init; }

    /// <summary>Sequences per rank and forward pass.</summary>
    public long MicroBatchSize { get; init; } = 1;

    /// <summary>Sequences per optimizer step over all ranks; null means one micro-batch per rank, without accumulation.</summary>
    public long? GlobalBatchSize { get; init; }

    /// <summary>Which activations are computed again in backward.</summary>
    public Recompute Recompute { get; init; } = Recompute.None;

    /// <summary>Which parts of a layer Megatron's selective recomputation leaves out, beside the attention core.</summary>
    public RecomputeModules RecomputeModules { get; init; }

    /// <summary>
    /// Of each pipeline stage and chunk the first so many layers are computed again under full recomputation, and the others keep everything; null for all.
    /// </summary>
    public int? RecomputeLayers { get; init; }

    /// <summary>Modules that predict further tokens, trained beside the model on its last stage (DeepSeek-V3, arXiv 2412.19437, section 2.2).</summary>
    public int PredictionModules { get; init; }

    /// <summary>Some sequences of a micro-batch are padded, so that attention gets a mask; null when it is not said.</summary>
    public bool? Padding { get; init; }

    /// <summary>What the training loop holds of the model's outputs while backward runs; null takes the program's way.</summary>
    public ModelOutputs? Outputs { get; init; }

    /// <summary>The attention kernel; default Flash.</summary>
    public AttentionKernel Attention { get; init; } = AttentionKernel.Flash;

    /// <summary>How logits and cross entropy are computed; default Full.</summary>
    public LossKernel Loss { get; init; } = LossKernel.Full;

    /// <summary>The kernels of one layer are fused by a compiler or the framework; null takes the framework's default.</summary>
    public bool? FusedKernels { get; init; }

    /// <summary>The adapters; null where all weights are trained, or for the default ones.</summary>
    public LoraSpec? Lora { get; init; }

    /// <summary>How frozen weights under QLoRA are stored; null means doubly quantised NF4.</summary>
    public QuantizationSpec? Quantization { get; init; }

    /// <summary>The program whose code paths run; null takes the framework's usual one.</summary>
    public Trainer? Trainer { get; init; }

    /// <summary>Release of <see cref="Trainer"/>, as numbers with dots, such as <c>5.8.1</c>; null when it is not said.</summary>
    public string? TrainerVersion { get; init; }

    /// <summary>Types of tensors that the author states; null lets all follow from precision and framework.</summary>
    public DataTypes? DataTypes { get; init; }

    /// <summary>The optimizer steps inside backward and frees each gradient at once (torchtune, LOMO).</summary>
    public bool OptimizerInBackward { get; init; }

    /// <summary>Which of torch's implementations of the step runs; null when it is not known.</summary>
    public OptimizerImplementation? OptimizerImplementation { get; init; }

    /// <summary>Rank of GaLore's projections (arXiv 2403.03507).</summary>
    public int OptimizerRank { get; init; } = 128;

    /// <summary>A moving average of the weights is kept in fp32.</summary>
    public bool MovingAverage { get; init; }

    /// <summary>PyTorch's allocator grows its segments (expandable_segments:True).</summary>
    public bool ExpandableSegments { get; init; }

    /// <summary>A frozen reference model beside the trained one; under adapters it is the model without them.</summary>
    public bool ReferenceModel { get; init; }

    /// <summary>When the value model of objective PPO is trained; null where there is none.</summary>
    public ValueTraining? ValueTraining { get; init; }

    /// <summary>A frozen model of the trained one's size scores completions on the same GPUs.</summary>
    public bool RewardModel { get; init; }

    /// <summary>What lives off the GPU.</summary>
    public OffloadSpec Offload { get; init; } = new();

    /// <summary>What the loss is computed from; default SFT.</summary>
    public TrainingObjective Objective { get; init; }

    /// <summary>How completions are generated; null where <see cref="Objective"/> needs none, or nothing is said of it.</summary>
    public RolloutSpec? Rollout { get; init; }

    /// <summary>The model has a head of one number per token in place of the output matrix.</summary>
    internal bool IsValueModel { get; init; }

    /// <summary>The loss compares log-probabilities of given tokens, which are computed row by row.</summary>
    internal bool ScoresTokens => Objective is not TrainingObjective.SFT and not TrainingObjective.ORPO;
}

/// <summary>Low-rank adapters (arXiv 2106.09685); <see cref="TargetModules"/> empty means every linear layer of a block.</summary>
public sealed record LoraSpec
{
    /// <summary>Inner width of each adapter; default 16.</summary>
    public int Rank { get; init; } = 16;

    /// <summary>Names of the adapted layers; empty for all linear layers of a block.</summary>
    public IReadOnlyList<string> TargetModules { get; init; } = [];

    /// <summary>Modules outside the blocks that are trained whole, as copies beside the frozen ones: <c>embed_tokens</c>, <c>lm_head</c>.</summary>
    public IReadOnlyList<string> ModulesToSave { get; init; } = [];

    /// <summary>Weight-decomposed adapters (DoRA, arXiv 2402.09353): a trained magnitude per output.</summary>
    public bool Decomposed { get; init; }

    /// <summary>Each adapter drops out parts of its input (<c>lora_dropout</c> above 0); null takes it where the trainer does.</summary>
    public bool? Dropout { get; init; }
}

/// <summary>Degrees of parallelism; world size is <c>tensor × pipeline × context × data</c>.</summary>
public sealed record ParallelismSpec
{
    /// <summary>Ranks over which each layer is divided; default 1.</summary>
    public int Tensor { get; init; } = 1;

    /// <summary>Stages into which the layers are cut; default 1.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>Ranks over which each sequence is divided; default 1.</summary>
    public int Context { get; init; } = 1;

    /// <summary>Ranks over which experts are divided, among the data-parallel ones; default 1.</summary>
    public int Expert { get; init; } = 1;

    /// <summary>Ranks over which one routed expert is cut; null cuts it like the rest of the model, or not at all where expert parallelism takes those ranks.</summary>
    public int? ExpertTensor { get; init; }

    /// <summary>Replicas, or ranks over which states are divided; default 1.</summary>
    public int Data { get; init; } = 1;

    /// <summary>What data-parallel ranks divide among themselves.</summary>
    public Sharding Sharding { get; init; } = Sharding.None;

    /// <summary>Tensors of hidden width are divided over the tensor-parallel ranks (arXiv 2205.05198).</summary>
    public bool SequenceParallel { get; init; }

    /// <summary>The order in which a pipeline works on micro-batches.</summary>
    public PipelineSchedule Schedule { get; init; } = PipelineSchedule.OneForwardOneBackward;

    /// <summary>Model chunks per pipeline rank under the interleaved schedule (arXiv 2104.04473).</summary>
    public int VirtualStages { get; init; } = 1;

    /// <summary>Layers of the first pipeline stage; null leaves them to the framework.</summary>
    public int? FirstStageLayers { get; init; }

    /// <summary>Layers of the last pipeline stage; null leaves them to the framework.</summary>
    public int? LastStageLayers { get; init; }

    /// <summary>How context-parallel ranks exchange keys and values.</summary>
    public ContextExchange ContextExchange { get; init; }

    /// <summary>Ranks over which states are divided when groups of them hold copies (HSDP); null divides over all.</summary>
    public int? ShardGroup { get; init; }

    /// <summary>1 flattens the parameters of a unit into one tensor (FullyShardedDataParallel), 2 keeps a tensor for each (fully_shard).</summary>
    public int FsdpVersion { get; init; } = 2;

    /// <summary>How tokens reach the experts of other ranks.</summary>
    public ExpertDispatch ExpertDispatch { get; init; }

    /// <summary>Tokens that an expert takes at most, in percent of an even share; what is more is dropped. Null sets no bound.</summary>
    public int? ExpertCapacityPercent { get; init; }

    /// <summary>Experts with fewer tokens than their capacity are filled up to it, so that all have the same load.</summary>
    public bool ExpertPadding { get; init; }

    /// <summary>GPUs of one node: what is offloaded adds up on its host.</summary>
    public int GpusPerNode { get; init; } = 8;

    /// <summary>GPUs in all.</summary>
    /// <exception cref="OverflowException">The product does not fit in 63 bits.</exception>
    public long WorldSize => checked((long)Tensor * Pipeline * Context * Data);

    /// <summary>GPUs that hold one copy of the model: everything but data parallelism.</summary>
    public long ModelParallelSize => checked((long)Tensor * Pipeline * Context);
}

/// <summary>The order in which a pipeline rank works on micro-batches; it decides how many it holds at once.</summary>
public enum PipelineSchedule
{
    /// <summary>1F1B: as many as stages follow (arXiv 2104.04473, section 2.2).</summary>
    OneForwardOneBackward,

    /// <summary>1F1B over several chunks of layers per rank.</summary>
    Interleaved,

    /// <summary>All micro-batches forward, then all backward (arXiv 1811.06965).</summary>
    GPipe,
}

/// <summary>How tokens reach the experts of other ranks (Megatron-LM core/transformer/moe/token_dispatcher.py).</summary>
public enum ExpertDispatch
{
    /// <summary>Each rank sends every token to the ranks of its experts.</summary>
    AllToAll,

    /// <summary>Every rank gathers the tokens of all ranks and works on those of its own experts.</summary>
    AllGather,
}

/// <summary>How ranks that share a sequence see each other's keys and values.</summary>
public enum ContextExchange
{
    /// <summary>Keys and values pass from rank to rank (arXiv 2310.01889).</summary>
    Ring,

    /// <summary>Sequence for heads and back by all-to-all (DeepSpeed Ulysses, arXiv 2309.14509).</summary>
    Ulysses,

    /// <summary>Every rank gathers all keys and values.</summary>
    AllGather,
}
