namespace GpuMem.Estimation.Ranks;

/// <summary>Everything about one rank that its memory follows from. Built for a job without problems.</summary>
internal readonly struct RankContext
{
    public RankContext(JobSpec job, int stage)
    {
        var (model, training, parallelism) = (job.Model, job.Training, job.Parallelism);
        Job = job;
        Stage = PipelineStage.Of(job, stage);
        Experts = ExpertLayout.Of(parallelism);
        Shape = new RankShape(model, parallelism.Tensor, Experts, training.Framework == TrainingFramework.Megatron ? MegatronVocabularyRows : 1);
        Predicts = Stage.IsLast ? training.PredictionModules : 0;
        Kinds = LayerCounts.Of(model, Stage).WithModules(model, Predicts);
        Recomputed = training.RecomputeLayers is { } first ? LayerCounts.Of(model, Stage with { Layers = Math.Min(Stage.Layers, (long)first * parallelism.VirtualStages) }) : Kinds;
        (var blocks, Layer) = LayerTally.Of(model, Stage, Shape, Kinds);
        Base = blocks + ParameterTally.Ends(model, Stage, Shape);
        if (Predicts > 0)
            Base += (PredictionTally.Of(model, Shape) * Predicts) + PredictionTally.Embedding(model, Stage, Shape);
        if (training.IsValueModel)
            Base = Base.WithoutHead;
        Recipe = StateRecipe.For(job);
        IsFullySharded = StateRecipe.IsFullySharded(training.Framework, parallelism.Sharding);
        Code = TrainerProgram.CodeOf(training);
        RootParameters = checked(Base.Total - blocks.Total - (Code.DividesEmbeddingAgain && !model.TiedEmbeddings ? Base.Embedding : 0));
        Shards = parallelism.ShardGroup ?? checked((long)parallelism.Data * parallelism.Context);

        var sequences = checked(training.MicroBatchSize * (training.Objective.IsPaired() ? 2 : 1));
        Tokens = Ratio.DivideUp(checked(sequences * training.SequenceLength), parallelism.Context);
        ScoredTokens = training is { Rollout.CompletionLength: { } completion, Objective: not TrainingObjective.PPO } ? Ratio.DivideUp(checked(sequences * completion), parallelism.Context) : Tokens;
        MicroBatches = training.GlobalBatchSize is { } global ? global / (training.MicroBatchSize * parallelism.Data) : null;
        PersistentGradients = (Recipe.PersistentGradients || AccumulatesGradients) && !StepsInBackward;

        var lora = training.Lora ?? DefaultLora;
        Targets = IsAdapted ? LoraTargetNames.Of(lora.TargetModules) : LoraTargets.None;
        Trained = IsAdapted ? Adapters.Of(model, Stage, Shape, Targets, lora.Rank) + AdapterExtras.Of(this, lora) : Base;
    }

    // Megatron-LM megatron/training/arguments.py, --make-vocab-size-divisible-by, times the tensor-parallel ranks.
    private const int MegatronVocabularyRows = 128;

    private static readonly LoraSpec DefaultLora = new();

    public JobSpec Job { get; }

    public ModelArchitecture Model => Job.Model;

    public TrainingSpec Training => Job.Training;

    public readonly PipelineStage Stage;

    public readonly RankShape Shape;

    public readonly ExpertLayout Experts;

    /// <summary>Layers of this stage, by kind.</summary>
    public readonly LayerCounts Kinds;

    /// <summary>Modules on this stage that predict further tokens; each has one layer more, which <see cref="Kinds"/> counts.</summary>
    public int Predicts { get; }

    /// <summary>Of <see cref="Kinds"/>, the layers that full recomputation computes again (Megatron-LM core/transformer/transformer_block.py, recompute_method block).</summary>
    public LayerCounts Recomputed { get; }

    /// <summary>Of one block; the largest where they differ.</summary>
    public readonly ParameterTally Layer;

    /// <summary>Of the model's own parameters on this rank.</summary>
    public readonly ParameterTally Base;

    /// <summary>Of the parameters that get gradients: the base or the adapters.</summary>
    public readonly ParameterTally Trained;

    /// <summary><paramref name="tally"/> as it is worth when divided over <see cref="Shards"/>: routed experts have fewer replicas than the rest.</summary>
    public ParameterTally Divisible(in ParameterTally tally) => tally.Experts.Total == 0 || Experts.Parallel == 1 ? tally : Spread(tally);

    private ParameterTally Spread(in ParameterTally tally)
    {
        checked
        {
            var total = More(tally.Experts.Total);
            var vectors = More(tally.Experts.Vectors);
            return tally with
            {
                Total = tally.Total + total,
                Matrices = tally.Matrices + total - vectors,
                Vectors = tally.Vectors + vectors,
                RowsAndColumns = tally.RowsAndColumns + More(tally.Experts.RowsAndColumns),
            };
        }
    }

    private long More(long experts) => Experts.Spread(experts, Shape.Tensor) - experts;

    public LoraTargets Targets { get; }

    /// <summary>What the program's own code keeps.</summary>
    public CodePath Code { get; }

    public readonly StateRecipe Recipe;

    /// <summary>Ranks over which states are divided: data × context.</summary>
    public long Shards { get; }

    /// <summary>Per rank and micro-batch.</summary>
    public long Tokens { get; }

    /// <summary>Of those, the ones that logits are made for: all, or those of completions; PPO cuts the prompts' away when they are there.</summary>
    public long ScoredTokens { get; }

    /// <summary>Per optimizer step; null when not stated: one without a pipeline, enough to fill it with one.</summary>
    public long? MicroBatches { get; }

    /// <summary>Over how many ranks tensors of hidden width are divided (sequence parallelism, arXiv 2205.05198).</summary>
    public int HiddenParts => Job.Parallelism.SequenceParallel ? Job.Parallelism.Tensor : 1;

    public bool IsAdapted => Training.Method is TrainingMethod.LoRA or TrainingMethod.QLoRA;

    public bool DropsAdapterInputs => Training.Lora?.Dropout ?? Code.AdapterDropout;

    public bool IsQuantised => Training.Method == TrainingMethod.QLoRA;

    public bool IsFullySharded { get; }

    public bool AccumulatesGradients => MicroBatches > 1 || (MicroBatches is null && Stage.Count > 1);

    public bool PersistentGradients { get; }

    /// <summary>Each gradient is freed as soon as its parameter is updated; LOMO is made for it (arXiv 2306.09782).</summary>
    public bool StepsInBackward => Training is { OptimizerInBackward: true } or { Optimizer: Optimizer.LOMO or Optimizer.AdaLomo };

    /// <summary>Parameters outside blocks that FSDP keeps gathered from forward to backward: its root unit.</summary>
    public long RootParameters { get; }

    /// <summary>Autocast makes 16-bit copies of fp32 weights; frozen ones only where they are fp32, too.</summary>
    public bool CastsWeights => Recipe.Autocast && (!IsAdapted || (Recipe.Frozen > Recipe.Compute && !IsQuantised));

    /// <summary>The stream between blocks is fp32: autocast over fp32 weights, and PEFT's preparation of quantised models.</summary>
    public bool WideResidual => CastsWeights || HasWideRest;

    /// <summary>What quantisation left alone is fp32, and with it all that layers pass on.</summary>
    public bool HasWideRest => IsQuantised && UnquantisedBytes > Recipe.Compute && !IsFullySharded;

    /// <summary>Products are made under autocast; a plain loop around a quantised model seldom asks for it, whose layers compute in 16 bits anyway.</summary>
    public bool Autocasts => Recipe.Autocast && !(IsQuantised && Code.Outputs == ModelOutputs.Held);

    /// <summary>State-space layers run without the kernels of mamba-ssm, operator by operator in PyTorch: only where the job says that nothing is fused.</summary>
    public bool ComposesScan => Code.IsTransformers && Training.FusedKernels == false && Kinds.StateSpace > 0;

    /// <summary>Bytes of a logit as the model returns it: fp32 where the head is, as PEFT's preparation of quantised models makes it, and nothing casts it.</summary>
    public int LogitBytes => HasWideRest && !Autocasts ? 4 : Recipe.Compute;

    /// <summary>Encoders' classes hand logits to the loss in their own type, without an fp32 copy (transformers models/bert/modeling_bert.py, BertForMaskedLM).</summary>
    public bool LosesInOwnType => Code.IsTransformers && (!Model.HasCache || Model.EncoderLayers > 0);

    /// <summary>Of what log-softmax then returns: under autocast its kernel reads 16 bits and writes 32.</summary>
    public int LikelihoodBytes => Autocasts ? 4 : LogitBytes;

    /// <summary>The loop holds the cache of keys and values, which a forward pass without full recomputation returns unless told otherwise.</summary>
    public bool HoldsCache => HeldOutputs > 0 && Code.IsTransformers && Training.Recompute != Recompute.Full && Model.HasCache;

    /// <summary>Of each key and value in a cache: rotated keys are fp32 under autocast, and the cache makes values as wide; attention reads casts of both.</summary>
    public int CacheBytes => WideResidual && Model is { LearnedPositions: 0, QueryKeyValueProjection: not QueryKeyValueProjection.Joint } ? 4 : Recipe.Compute;

    /// <summary>Bytes of each logit that the loop holds while backward runs.</summary>
    public int HeldOutputs => (Training.Outputs ?? Code.Outputs) switch
    {
        ModelOutputs.Dropped => 0,
        ModelOutputs.Held => LogitBytes,
        _ => 4,
    };

    /// <summary>Of each weight that quantisation leaves alone: peft src/peft/utils/other.py, prepare_model_for_kbit_training, makes it fp32.</summary>
    public int UnquantisedBytes => Training is { DataTypes: null or { Weights: null }, Framework: TrainingFramework.HuggingFace } && !Code.LeavesUnquantised ? 4 : Recipe.Frozen;

    /// <summary>Weights of the output matrix that are quantised with the blocks.</summary>
    public long QuantisedHead => Code.ExpandedHead > 0 && Stage.IsLast && !Model.TiedEmbeddings ? checked(Shape.Vocabulary * Shape.Hidden) : 0;
}
