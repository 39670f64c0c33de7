namespace GpuMem.Evaluation;

/// <summary>One size as certain, as expected and as a real run is very unlikely to exceed.</summary>
public readonly record struct MemoryBounds(Bytes Lower, Bytes Expected, Bytes Upper);
