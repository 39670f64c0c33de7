namespace GpuMem.Estimation.Jobs;

/// <summary>How weights of linear layers are stored in fewer bits; embeddings and norms stay as they are.</summary>
public enum QuantizationScheme
{
    /// <summary>4-bit NormalFloat, blocks of 64 with fp32 scales (bitsandbytes).</summary>
    NF4,
    /// <summary>NF4 whose scales are quantised too (QLoRA, arXiv 2305.14314, section 3).</summary>
    NF4DoubleQuantized,
    /// <summary>4-bit float, stored as NF4 is.</summary>
    FP4,
    /// <summary>The same with quantised scales.</summary>
    FP4DoubleQuantized,
    /// <summary>8-bit integers with a scale per row (arXiv 2208.07339).</summary>
    INT8,
    /// <summary>GPTQ, 4 bits with fp16 scale and 4-bit zero per group (arXiv 2210.17323).</summary>
    GPTQ4,
    /// <summary>GPTQ, 8 bits.</summary>
    GPTQ8,
    /// <summary>AWQ, 4 bits with fp16 scale and 4-bit zero per group (arXiv 2306.00978).</summary>
    AWQ4,
    /// <summary>8-bit floats with an fp32 scale per block of 128 × 128.</summary>
    FP8,
    /// <summary>4-bit floats with a shared 8-bit exponent per block of 32 (OCP Microscaling Formats); gpt-oss stores its experts so.</summary>
    MXFP4,
    /// <summary>4-bit floats with an fp8 scale per block of 16.</summary>
    NVFP4,
    /// <summary>4-bit integers with a 16-bit scale per group and no zero points (compressed-tensors, format pack-quantized).</summary>
    INT4,
    /// <summary>8-bit floats with a shared 8-bit exponent per block of 32 (OCP Microscaling Formats).</summary>
    MXFP8,
    /// <summary>Integers of 4 bits, or of as many as a checkpoint says, with a 16-bit scale and zero point per group of 64 (mobiusml/hqq).</summary>
    HQQ,
    /// <summary>Codes of 8 weights each, looked up in codebooks that every matrix has of its own (arXiv 2401.06118).</summary>
    AQLM,
    /// <summary>llama.cpp's IQ1_S: codes of 1.56 bits; of this and those that follow, mixtures with more bits in some matrices.</summary>
    IQ1S,
    /// <summary>llama.cpp's IQ1_M: codes of 1.75 bits.</summary>
    IQ1M,
    /// <summary>llama.cpp's TQ1_0: weights of three values, 1.69 bits.</summary>
    TQ10,
    /// <summary>llama.cpp's TQ2_0: the same in 2.06 bits.</summary>
    TQ20,
    /// <summary>llama.cpp's IQ2_XXS: codes of 2.06 bits.</summary>
    IQ2XXS,
    /// <summary>llama.cpp's IQ2_XS: codes of 2.31 bits.</summary>
    IQ2XS,
    /// <summary>llama.cpp's IQ2_S: the same, some of attention in more.</summary>
    IQ2S,
    /// <summary>llama.cpp's IQ2_M: codes of 2.56 bits.</summary>
    IQ2M,
    /// <summary>llama.cpp's Q2_K_S: 2 bits in blocks of 256.</summary>
    Q2KS,
    /// <summary>llama.cpp's Q2_K: the same, a third of the feed-forward in 3.</summary>
    Q2K,
    /// <summary>llama.cpp's IQ3_XXS: codes of 3.06 bits.</summary>
    IQ3XXS,
    /// <summary>llama.cpp's IQ3_XS: the same, a third of the feed-forward in 3.44.</summary>
    IQ3XS,
    /// <summary>llama.cpp's IQ3_S: codes of 3.44 bits.</summary>
    IQ3S,
    /// <summary>llama.cpp's IQ3_M: the same, some of attention in 4.</summary>
    IQ3M,
    /// <summary>llama.cpp's Q3_K_S: 3 bits in blocks of 256.</summary>
    Q3KS,
    /// <summary>llama.cpp's Q3_K_M: the same, a third of the feed-forward in 4.</summary>
    Q3KM,
    /// <summary>llama.cpp's Q3_K_L: the same, a third of the feed-forward in 5.</summary>
    Q3KL,
    /// <summary>llama.cpp's Q4_0: 4 bits with an fp16 scale per block of 32.</summary>
    Q40,
    /// <summary>llama.cpp's Q4_1: the same with an fp16 least value.</summary>
    Q41,
    /// <summary>llama.cpp's Q4_K_S: 4 bits in blocks of 256.</summary>
    Q4KS,
    /// <summary>llama.cpp's Q4_K_M: the same, a sixth of the feed-forward in 6 bits.</summary>
    Q4KM,
    /// <summary>llama.cpp's IQ4_XS: 4 bits from a table, in blocks of 256.</summary>
    IQ4XS,
    /// <summary>llama.cpp's Q5_1: 5 bits with an fp16 scale and least value per block of 32.</summary>
    Q51,
    /// <summary>llama.cpp's Q5_K_S: 5 bits in blocks of 256.</summary>
    Q5KS,
    /// <summary>llama.cpp's Q5_K_M: the same, a sixth of the feed-forward in 6 bits.</summary>
    Q5KM,
    /// <summary>llama.cpp's Q6_K: 6 bits in blocks of 256.</summary>
    Q6K,
    /// <summary>llama.cpp's Q8_0: 8 bits with an fp16 scale per block of 32.</summary>
    Q80,
}

/// <summary>How frozen weights are stored.</summary>
/// <param name="Scheme">The storage format.</param>
/// <param name="GroupSize">Weights per scale, of AQLM per code; null takes the scheme's usual size.</param>
/// <param name="Bits">Of a weight of HQQ or a code of AQLM; null takes 4 and 16, the usual ones.</param>
/// <param name="Codebooks">Of AQLM: a weight is the sum of a code in each.</param>
public sealed record QuantizationSpec(QuantizationScheme Scheme, int? GroupSize = null, int? Bits = null, int Codebooks = 1);
