using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>What the command of a container says of the training that it starts.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Program">What is started, and by which launcher.</param>
/// <param name="Job">What was understood, as a manifest would say it.</param>
public sealed record TrainingCommand(string Container, string Program, TrainingJobSpec Job)
{
    /// <summary>Flags and keys that changed <see cref="Job"/>, with their values.</summary>
    public required IReadOnlyList<string> Understood { get; init; }

    /// <summary>What does not change the memory of the GPU.</summary>
    public required IReadOnlyList<string> WithoutEffect { get; init; }

    /// <summary>What the estimate leaves out: flags, keys and values that are not known here, files that cannot be read, contradictions.</summary>
    public required IReadOnlyList<string> NotUnderstood { get; init; }

    /// <summary>What nobody says and the program decides, in sentences.</summary>
    public required IReadOnlyList<string> Assumed { get; init; }

    /// <summary>The one of these that says which model a path was taken for; null where the command names it.</summary>
    public string? ModelGuess { get; init; }
}
