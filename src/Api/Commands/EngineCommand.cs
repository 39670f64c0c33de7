using GpuMem.Api.ModelServers;

namespace GpuMem.Api.Commands;

/// <summary>What the command of a container says of the server that it starts.</summary>
/// <param name="Container">Its name.</param>
/// <param name="Settings">What was understood, as a manifest would say it.</param>
/// <param name="Understood">The words that changed <paramref name="Settings"/>, flag and value together.</param>
/// <param name="WithoutEffect">Flags that do not change the memory of the GPU.</param>
/// <param name="NotUnderstood">What the estimate leaves out: flags that are not known here and values that are not.</param>
public sealed record EngineCommand(
    string Container,
    ModelServerSpec Settings,
    IReadOnlyList<string> Understood,
    IReadOnlyList<string> WithoutEffect,
    IReadOnlyList<string> NotUnderstood)
{
    /// <summary>Flags, or values of flags, that the release of the image does not have, each with one that does: the engine ends at once.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>Which model lies in a folder that is named, and what the engine does where nothing is said, in sentences.</summary>
    public IReadOnlyList<string> Assumed { get; init; } = [];

    /// <summary>The one of these that says which model a path or an image was taken for; null where the command names it.</summary>
    public string? ModelGuess { get; init; }

    /// <summary>The program that starts the engine and takes no flags of it, as NIM does; null where these are the engine's own words.</summary>
    public string? StartedBy { get; init; }

    /// <summary>Data parallel groups in the pod, each on as many GPUs as tensor parallelism takes.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>A flag says that the engine is to find the length of a sequence.</summary>
    public bool LeavesLength { get; init; }

    /// <summary>The same as it starts where it may get one of these GPUs: NIM chooses by them what it loads.</summary>
    /// <param name="products">Their names.</param>
    public EngineCommand On(IEnumerable<string> products) => StartedBy == NimImage.Program ? NimImage.On(this, products) : this;
}
