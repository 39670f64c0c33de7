namespace GpuMem.Estimation.States;

/// <summary>Bytes of one quantised weight with its share of scales and zero points; those of llama.cpp, which only serves, are in src/Serving.</summary>
internal static class QuantizedWeight
{
    // bitsandbytes nn/modules.py: blocks of 64; 256 blocks share one fp32 scale when scales are quantised themselves.
    private const int Block = 64;
    private const int ScaledBlocks = 256;

    // AutoGPTQ's and AutoAWQ's usual group, and the side of FP8's square blocks.
    private const int Group = 128;

    // Weights of a code (Vahe1994/AQLM README.md: one codebook of 16 bits, two of 8).
    private const int Coded = 8;

    public static Ratio Of(QuantizationSpec quantization)
    {
        long block = quantization.GroupSize ?? Block;
        long group = quantization.GroupSize ?? Group;
        return quantization.Scheme switch
        {
            QuantizationScheme.NF4 or QuantizationScheme.FP4 => new(block + 8, 2 * block),
            QuantizationScheme.NF4DoubleQuantized or QuantizationScheme.FP4DoubleQuantized => new((ScaledBlocks * (block + 2)) + 8, 2 * ScaledBlocks * block),

            // A scale of two bytes and a zero point as wide as a weight.
            QuantizationScheme.GPTQ4 or QuantizationScheme.AWQ4 => new(group + 5, 2 * group),
            QuantizationScheme.GPTQ8 => new(group + 3, group),

            // LLM.int8 has one scale per row, a ten-thousandth of the row (arXiv 2208.07339).
            QuantizationScheme.INT8 => Ratio.Whole(1),
            QuantizationScheme.FP8 => new((group * group) + 4, group * group),
            QuantizationScheme.MXFP4 => new(17, 32),
            QuantizationScheme.MXFP8 => new(33, 32),
            QuantizationScheme.INT4 => new(group + 4, 2 * group),

            // A scale and a zero point of two bytes each; ten weights of three bits lie in a word of 32 (mobiusml/hqq core/quantize.py, core/bitpack.py).
            QuantizationScheme.HQQ => quantization.Bits == 3 ? new((2 * block) + 20, 5 * block) : new(((quantization.Bits ?? 4) * block) + 32, 8 * block),
            QuantizationScheme.AQLM => new(quantization.Codebooks * (quantization.Bits <= 8 ? 1 : 2), quantization.GroupSize ?? Coded),
            _ => new(9, 16),
        };
    }

    /// <summary>One of llama.cpp's formats.</summary>
    public static bool IsGguf(QuantizationScheme scheme) => scheme is >= QuantizationScheme.IQ1S and <= QuantizationScheme.Q80;

    /// <summary>bitsandbytes multiplies 4-bit matrices by expanding them to 16 bits first, as HQQ and AQLM do; kernels of the other formats read them as they are.</summary>
    public static bool IsExpanded(QuantizationScheme scheme) => scheme is QuantizationScheme.NF4 or QuantizationScheme.NF4DoubleQuantized
        or QuantizationScheme.FP4 or QuantizationScheme.FP4DoubleQuantized or QuantizationScheme.HQQ or QuantizationScheme.AQLM;
}
