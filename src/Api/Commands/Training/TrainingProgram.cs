using System.Text.Json.Nodes;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>A program that trains, and how it is told what to do.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Trainer">The program as a job names it; null for one that is not known.</param>
/// <param name="Settings">Its flags, which are the keys of its file, too.</param>
/// <param name="Complete">What it takes where nothing is said, once all is read.</param>
internal sealed record TrainingProgram(string Name, Trainer? Trainer, SettingTable Settings, Action<TrainingDraft> Complete)
{
    /// <summary>The flag that names a file of the same keys; null where the file stands alone.</summary>
    public string? FileFlag { get; init; }

    /// <summary>The command that writes out a file which comes with the program, whose name stands where a path would; null where there are none.</summary>
    public string? CopyCommand { get; init; }

    /// <summary>What the name of such a file says of what it holds; null for other names.</summary>
    public Func<string, JsonObject?>? Shipped { get; init; }

    /// <summary>Values of its file may name others of it, as <c>${variables.max_seq_len}</c> does (OmegaConf).</summary>
    public bool Interpolates { get; init; }
}
