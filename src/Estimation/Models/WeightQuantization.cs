namespace GpuMem.Estimation.Models;

/// <summary>How the weights of linear layers are stored in fewer bits; embeddings and norms stay as they are.</summary>
/// <param name="Scheme">The storage format.</param>
/// <param name="GroupSize">Weights per scale; null for the scheme's default, or one scale per row for <see cref="QuantizationScheme.Int8"/>.</param>
public sealed record WeightQuantization(QuantizationScheme Scheme, int? GroupSize = null);

/// <summary>Storage formats of quantised weights.</summary>
public enum QuantizationScheme
{
    /// <summary>4-bit NormalFloat in blocks of 64 (arXiv 2305.14314).</summary>
    Nf4,

    /// <summary>The same with quantised scales.</summary>
    Nf4DoubleQuant,

    /// <summary>4-bit float, blocks as in <see cref="Nf4"/>.</summary>
    Fp4,

    Fp4DoubleQuant,

    /// <summary>8-bit integers with a scale per output row (arXiv 2208.07339).</summary>
    Int8,

    /// <summary>4-bit integers with a 16-bit scale and a zero point per group (arXiv 2210.17323).</summary>
    Gptq4,

    Gptq8,

    /// <summary>Stored as <see cref="Gptq4"/> (arXiv 2306.00978).</summary>
    Awq4,

    /// <summary>8-bit float, an fp32 scale per square block of 128.</summary>
    Fp8,

    /// <summary>4-bit float, a shared 8-bit exponent per block of 32; gpt-oss has its experts so (OCP Microscaling Formats).</summary>
    MxFp4,

    /// <summary>4-bit float, an fp8 scale per block of 16.</summary>
    NvFp4,
}
