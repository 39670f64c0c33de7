using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Inference;

/// <summary>Bytes per element of the types that serving stores, scales included.</summary>
internal static class ElementSizes
{
    // bitsandbytes nn/modules.py: blocks of 64; scales of 256 blocks share one fp32 scale when quantised themselves.
    private const int DefaultBlock = 64;
    private const int DoublyQuantisedScales = 256;

    public static Ratio Of(WeightType type) => Ratio.Whole(type switch
    {
        WeightType.Fp32 => 4,
        WeightType.Fp8 => 1,
        _ => 2,
    });

    public static Ratio Of(KeyValueCacheType type) => type switch
    {
        KeyValueCacheType.Fp32 => Ratio.Whole(4),
        KeyValueCacheType.Fp8 or KeyValueCacheType.Int8 or KeyValueCacheType.Fp8DsMla => Ratio.Whole(1),
        KeyValueCacheType.NvFp4 => new Ratio(9, 16),
        _ => Ratio.Whole(2),
    };

    public static Ratio Of(WeightQuantization quantization)
    {
        var group = (long?)quantization.GroupSize;
        var block = group ?? DefaultBlock;
        return quantization.Scheme switch
        {
            QuantizationScheme.Nf4 or QuantizationScheme.Fp4 => new(block + 8, 2 * block),
            QuantizationScheme.Nf4DoubleQuant or QuantizationScheme.Fp4DoubleQuant =>
                new((DoublyQuantisedScales * (block + 2)) + 8, 2 * DoublyQuantisedScales * block),

            // A scale of two bytes and a zero point as wide as a weight.
            QuantizationScheme.Gptq4 or QuantizationScheme.Awq4 => group is null ? new(1, 2) : new(block + 5, 2 * block),
            QuantizationScheme.Gptq8 => group is null ? Ratio.Whole(1) : new(block + 3, block),

            // LLM.int8 has one scale per row, which is counted with the rows.
            QuantizationScheme.Int8 => group is null ? Ratio.Whole(1) : new(block + 2, block),

            // One fp32 scale per square block.
            QuantizationScheme.Fp8 => group is null ? Ratio.Whole(1) : new((block * block) + 4, block * block),
            QuantizationScheme.MxFp4 => new(17, 32),
            _ => new(9, 16),
        };
    }

    /// <summary>bitsandbytes multiplies 4-bit matrices by expanding them to 16 bits, one at a time.</summary>
    public static bool IsExpanded(QuantizationScheme scheme) => scheme is QuantizationScheme.Nf4 or QuantizationScheme.Nf4DoubleQuant
        or QuantizationScheme.Fp4 or QuantizationScheme.Fp4DoubleQuant;
}
