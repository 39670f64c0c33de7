namespace GpuMem.Estimation.Programs;

/// <summary>What a program does when its user says nothing, where that is not what every program does.</summary>
public sealed record ProgramDefaults
{
    private static readonly ProgramDefaults Nothing = new();

    /// <summary>The framework that the program runs on.</summary>
    public TrainingFramework? Framework { get; init; }

    /// <summary>The framework on a single GPU, where it is another.</summary>
    public TrainingFramework? OneGpuFramework { get; init; }

    /// <summary>Of a model that is trained whole and not divided: FSDP and DeepSpeed keep what they divide in fp32.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Its FSDP 2 divides the weights in the type in which they are loaded.</summary>
    public bool DividesAsLoaded { get; init; }

    /// <summary>The type of adapters over quantised weights; null where precision decides.</summary>
    public DataType? AdaptersOverQuantised { get; init; }

    /// <summary>What data-parallel ranks divide; null where the framework decides.</summary>
    public Sharding? Sharding { get; init; }

    /// <summary>1 or 2; null for the newer.</summary>
    public int? FsdpVersion { get; init; }

    /// <summary>Which activations it computes again; null where the framework decides.</summary>
    public Recompute? Recompute { get; init; }

    /// <summary>How it computes the loss of the next token; null for the plain way.</summary>
    public LossKernel? SupervisedLoss { get; init; }

    /// <summary>How it computes log-probabilities of given tokens, for preferences and reinforcement; null for the plain way.</summary>
    public LossKernel? ScoredLoss { get; init; }

    /// <summary>How completions are generated in reinforcement learning; null where nothing comes on top of a training step.</summary>
    public RolloutSpec? Rollout { get; init; }

    /// <summary>torch's implementation of the step; null where nobody says.</summary>
    public OptimizerImplementation? OptimizerImplementation { get; init; }

    /// <summary>It has PyTorch's allocator grow its segments.</summary>
    public bool ExpandableSegments { get; init; }

    /// <summary>Checkpointed activations wait for backward on the host.</summary>
    public bool OffloadActivations { get; init; }

    /// <summary>What is trained leaves the GPU while other models work.</summary>
    public bool OffloadBetweenSteps { get; init; }

    /// <summary>When it trains the value model of PPO; null where nobody says.</summary>
    public ValueTraining? ValueTraining { get; init; }

    /// <summary>In PPO a reward model scores completions on the same GPUs.</summary>
    public bool RewardModel { get; init; }

    /// <param name="trainer">The program; null when it is not said, which leaves every default to the framework.</param>
    /// <param name="version">Its release; null when it is not said.</param>
    /// <param name="isOneGpu">The job is known to have a single GPU.</param>
    public static ProgramDefaults Of(Trainer? trainer, string? version, bool isOneGpu)
    {
        if (TrainerProgram.Find(trainer) is not { } program)
            return Nothing;
        var defaults = program.Release(version)?.Defaults ?? program.Defaults;
        return isOneGpu && defaults.OneGpuFramework is { } alone ? defaults with { Framework = alone } : defaults;
    }

    /// <summary>The precision of a job that does not say one; null where the framework decides.</summary>
    /// <param name="method">What is trained.</param>
    /// <param name="framework">What the job runs on.</param>
    /// <param name="sharding">What its data-parallel ranks divide.</param>
    /// <param name="fsdpVersion">As its author says; null for the program's.</param>
    public Precision? PrecisionOf(TrainingMethod method, TrainingFramework framework, Sharding sharding, int? fsdpVersion) =>
        method == TrainingMethod.Full && framework == Framework && ((DividesAsLoaded && (fsdpVersion ?? FsdpVersion) != 1) || !StateRecipe.IsFullySharded(framework, sharding)) ? Precision : null;

    /// <summary>How the loss of an objective is computed; null for the plain way.</summary>
    public LossKernel? LossOf(TrainingObjective objective) => objective == TrainingObjective.SFT ? SupervisedLoss : ScoredLoss;
}
