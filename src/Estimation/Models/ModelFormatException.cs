namespace GpuMem.Estimation.Models;

/// <summary>A model description that cannot be read; the message says what is wrong, where, and what to do.</summary>
public sealed class ModelFormatException(string message) : Exception(message);
