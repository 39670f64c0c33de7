namespace GpuMem.Estimation.Models;

/// <summary>Layers that attend to the last tokens only (Mistral v0.1, Gemma 2 and 3, gpt-oss).</summary>
/// <param name="Tokens">How many.</param>
/// <param name="Layers">How many layers do so; the others attend to the whole sequence.</param>
public sealed record SlidingWindow(long Tokens, int Layers);
