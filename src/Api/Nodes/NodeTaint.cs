namespace GpuMem.Api.Nodes;

/// <summary>Keeps pods away that do not tolerate it.</summary>
public readonly record struct NodeTaint(string? Key, string? Value, string? Effect);
