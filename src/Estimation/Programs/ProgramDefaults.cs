namespace GpuMem.Estimation.Programs;

/// <summary>What a program does when its user says nothing, where that is not what every program does.</summary>
public sealed record ProgramDefaults
{
    private static readonly ProgramDefaults Nothing = new();

    /// <summary>The framework that the program runs on.</summary>
    public TrainingFramework? Framework { get; init; }

    /// <summary>The framework on a single GPU, where it is another.</summary>
    public TrainingFramework? OneGpuFramework { get; init; }

    /// <summary>Of a model that is trained whole.</summary>
    public Precision? Precision { get; init; }

    /// <summary>Which activations it computes again; null where the framework decides.</summary>
    public Recompute? Recompute { get; init; }

    /// <summary>How it computes the loss; null for the plain way.</summary>
    public LossKernel? Loss { get; init; }

    /// <summary>torch's implementation of the step; null where nobody says.</summary>
    public OptimizerImplementation? OptimizerImplementation { get; init; }

    /// <summary>Checkpointed activations wait for backward on the host.</summary>
    public bool OffloadActivations { get; init; }

    /// <param name="trainer">The program; null when it is not said, which leaves every default to the framework.</param>
    /// <param name="version">Its release; null when it is not said.</param>
    /// <param name="method">What is trained.</param>
    /// <param name="isOneGpu">The job is known to have a single GPU.</param>
    public static ProgramDefaults Of(Trainer? trainer, string? version, TrainingMethod method, bool isOneGpu)
    {
        if (TrainerProgram.Find(trainer) is not { } program)
            return Nothing;
        var defaults = program.Release(version)?.Defaults ?? program.Defaults;
        return defaults with
        {
            Framework = isOneGpu ? defaults.OneGpuFramework ?? defaults.Framework : defaults.Framework,
            Precision = method == TrainingMethod.Full ? defaults.Precision : null,
        };
    }
}
