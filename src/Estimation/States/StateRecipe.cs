namespace GpuMem.Estimation.States;

/// <summary>Bytes per parameter that a framework keeps, by kind, and which of them it divides over the data-parallel ranks.</summary>
internal readonly record struct StateRecipe
{
    /// <summary>Of each trained weight: the model's, or the adapters'.</summary>
    public required int Weight { get; init; }

    /// <summary>Of each frozen weight that is not quantised.</summary>
    public required int Frozen { get; init; }

    /// <summary>A separate copy that the optimizer updates; 0 when the weights are that copy.</summary>
    public int Master { get; init; }

    public required int Gradient { get; init; }

    /// <summary>Of each optimizer moment: torch keeps moments in the type of the parameter they belong to.</summary>
    public required int Moment { get; init; }

    /// <summary>Of the second moment where it differs.</summary>
    public int? SecondMoment { get; init; }

    /// <summary>A copy of the gradients that lives only during the optimizer step.</summary>
    public int GradientCopy { get; init; }

    /// <summary>Of the type in which matrices are multiplied and activations kept.</summary>
    public required int Compute { get; init; }

    /// <summary>Matrices are multiplied in 8 bits or fewer: their inputs and weights are cast for it.</summary>
    public bool NarrowProducts { get; init; }

    /// <summary>Weights are kept in fp32 and cast for every use by autocast, which keeps the casts until the pass ends.</summary>
    public bool Autocast { get; init; }

    /// <summary>Gradients stay allocated between steps: a buffer that is zeroed, not freed.</summary>
    public bool PersistentGradients { get; init; }

    public bool ShardWeights { get; init; }

    public bool ShardGradients { get; init; }

    public bool ShardOptimizer { get; init; }

    /// <summary>Why these numbers: paper, upstream file or document.</summary>
    public required RecipeSource Source { get; init; }

    public int Sum => Weight + Master + Gradient + GradientCopy + Moment + (SecondMoment ?? Moment);

    public static StateRecipe For(JobSpec job)
    {
        var training = job.Training;
        var usual = training.Precision switch
        {
            Precision.FP32 or Precision.TF32 => Single,
            Precision.BF16 or Precision.FP16 => PureHalf,
            Precision.FP8MSAMP => NarrowOptimizer,
            Precision.FP8 => Mixed(training.Framework, Precision.BF16Mixed, job.Parallelism.Sharding) with { NarrowProducts = true },
            _ => Mixed(training.Framework, training.Precision, job.Parallelism.Sharding),
        };
        var recipe = training.DataTypes is { } types ? StatedTypes.Over(usual, types, job) : usual;
        return recipe.Under(training.Framework, job.Parallelism.Sharding);
    }

    // All in one type: nothing is kept twice.
    private static StateRecipe Single => new() { Weight = 4, Frozen = 4, Gradient = 4, Moment = 4, Compute = 4, Source = RecipeSource.OneType };

    private static StateRecipe PureHalf => new() { Weight = 2, Frozen = 2, Gradient = 2, Moment = 2, Compute = 2, Source = RecipeSource.OneType };

    // FP8-LM, arXiv 2310.18313, section 2: FP8 weights, gradients and first moment, fp16 master and second moment.
    private static StateRecipe NarrowOptimizer => new()
    {
        Weight = 1, Frozen = 1, Master = 2, Gradient = 1, Moment = 1, SecondMoment = 2, Compute = 2, NarrowProducts = true, Source = RecipeSource.NarrowOptimizer,
    };

    private static StateRecipe Mixed(TrainingFramework framework, Precision precision, Sharding sharding) => framework switch
    {
        TrainingFramework.Megatron when precision == Precision.FP16Mixed => new()
        {
            Weight = 2, Frozen = 2, Master = 4, Gradient = 2, GradientCopy = 4, Moment = 4, Compute = 2, Source = RecipeSource.Megatron,
        },
        TrainingFramework.Megatron or TrainingFramework.Nanotron => new()
        {
            Weight = 2, Frozen = 2, Master = 4, Gradient = 4, Moment = 4, Compute = 2, Source = RecipeSource.Megatron,
        },
        TrainingFramework.DeepSpeed => new()
        {
            Weight = 2, Frozen = 2, Master = 4, Gradient = 2, GradientCopy = 4, Moment = 4, Compute = 2, Source = RecipeSource.DeepSpeed,
        },
        _ when IsFullySharded(framework, sharding) => Single with { Frozen = 2, Compute = 2, Source = RecipeSource.FullySharded },
        _ => Single with { Frozen = 2, Compute = 2, Autocast = true, Source = RecipeSource.Autocast },
    };

    /// <summary>Where the bytes come from, in words.</summary>
    public string SourceText => Source switch
    {
        RecipeSource.Megatron => "Megatron-LM megatron/training/theoretical_memory_usage.py, docs/user-guide/features/dist_optimizer.md",
        RecipeSource.DeepSpeed => "DeepSpeed deepspeed/runtime/zero/stage_1_and_2.py; ZeRO, arXiv 1910.02054",
        RecipeSource.FullySharded => "FSDP with fp32 shards, arXiv 2304.11277; pytorch/torchtitan",
        RecipeSource.Autocast => "fp32 weights under torch.autocast",
        RecipeSource.Stated => "the types that the job states, training.dataTypes",
        _ => "one type for weights, gradients and states",
    };

    private StateRecipe Under(TrainingFramework framework, Sharding sharding) => this with
    {
        PersistentGradients = framework is TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron,

        // FSDP's SHARD_GRAD_OP also keeps only a shard of the fp32 weights; what stays whole is the gathered copy.
        ShardWeights = sharding == Sharding.Full || IsFullySharded(framework, sharding),
        ShardGradients = sharding >= Sharding.Gradients,
        ShardOptimizer = sharding >= Sharding.Optimizer,
    };

    /// <summary>Hugging Face's Trainer hands sharded weights and gradients to FSDP.</summary>
    public static bool IsFullySharded(TrainingFramework framework, Sharding sharding) =>
        framework is TrainingFramework.PyTorchFSDP or TrainingFramework.HuggingFace && sharding >= Sharding.Gradients;
}

/// <summary>Where a recipe comes from.</summary>
internal enum RecipeSource
{
    OneType,
    Autocast,
    FullySharded,
    Megatron,
    DeepSpeed,
    NarrowOptimizer,
    Stated,
}
