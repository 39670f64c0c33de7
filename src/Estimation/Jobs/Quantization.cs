namespace GpuMem.Estimation.Jobs;

/// <summary>How the frozen weights under adapters are stored.</summary>
public enum QuantizationScheme
{
    /// <summary>4-bit NormalFloat, blocks of 64 with fp32 scales (bitsandbytes).</summary>
    NF4,

    /// <summary>NF4 whose scales are quantised too (QLoRA, arXiv 2305.14314, section 3).</summary>
    NF4DoubleQuantized,

    /// <summary>8-bit integers with a scale per row.</summary>
    INT8,

    /// <summary>GPTQ, 4 bits with fp16 scale and 4-bit zero per group.</summary>
    GPTQ4,

    /// <summary>GPTQ, 8 bits.</summary>
    GPTQ8,

    /// <summary>AWQ, 4 bits with fp16 scale and 4-bit zero per group.</summary>
    AWQ4,

    /// <summary>8-bit floats with an fp32 scale per block of 128 × 128.</summary>
    FP8,
}

/// <param name="GroupSize">Weights per scale; null takes the scheme's usual size.</param>
public sealed record QuantizationSpec(QuantizationScheme Scheme, int? GroupSize = null);
