namespace GpuMem.Api.Commands;

/// <summary>What came of each word of a command: all of them are answered for.</summary>
internal sealed class Reading
{
    /// <summary>What changed the settings, flag and value together.</summary>
    public List<string> Understood { get; } = [];

    /// <summary>What does not change the memory of the GPU.</summary>
    public List<string> WithoutEffect { get; } = [];

    /// <summary>What the estimate leaves out.</summary>
    public List<string> NotUnderstood { get; } = [];
}
