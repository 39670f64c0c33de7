namespace GpuMem.Api.Commands;

/// <summary>A simple command of a script.</summary>
/// <param name="Words">Its words, without redirections.</param>
/// <param name="Document">The here-document that it is given on its standard input; null without one.</param>
internal sealed record ShellCommand(IReadOnlyList<string> Words, string? Document = null)
{
    /// <summary>Files that its standard output goes to, from their beginning or behind what they hold.</summary>
    public IReadOnlyList<(string Path, bool IsAppended)> Outputs { get; init; } = [];

    /// <summary>Where it runs; empty where only the image knows.</summary>
    public string Directory { get; init; } = "";
}
