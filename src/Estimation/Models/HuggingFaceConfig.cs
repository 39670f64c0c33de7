namespace GpuMem.Estimation.Models;

/// <summary>Reads a Hugging Face <c>config.json</c> as found in the wild.</summary>
public static class HuggingFaceConfig
{
    /// <summary>The largest <c>config.json</c> read; real ones have a few KiB.</summary>
    public const int MaxBytes = 1 << 20;

    /// <exception cref="ModelFormatException">Not JSON, too large, too deep, or a field is missing, not a number or out of range; the message names it.</exception>
    public static ModelArchitecture Parse(ReadOnlyMemory<byte> utf8Json, string name = "config.json") => throw new NotImplementedException();
}

/// <summary>A model description that cannot be read; the message says what is wrong, where, and what to do.</summary>
public sealed class ModelFormatException(string message) : Exception(message);
