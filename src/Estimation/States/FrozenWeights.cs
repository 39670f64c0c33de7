using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Models;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Bytes of the base model under adapters: not trained, so without gradients, states or master copy.</summary>
internal static class FrozenWeights
{
    // NF4 in blocks of 64: half a byte, an int8 scale per block, an fp32 scale per 256 blocks (QLoRA, arXiv 2305.14314, section 3).
    public static readonly Ratio DoublyQuantised = new(2113, 4096);

    // Without double quantisation: half a byte and an fp32 scale per block of 64 (bitsandbytes nn/modules.py).
    public static readonly Ratio Quantised = new(9, 16);

    /// <summary>Whole precision: every weight at <paramref name="weight"/> bytes.</summary>
    public static Amount Plain(in ParameterTally tally, int weight) => Amount.WithMargin(checked(weight * tally.Total), percent: 2);

    /// <summary>Linear layers inside blocks are quantised, and the output matrix where a program does so; embeddings and norms keep <paramref name="rest"/> bytes.</summary>
    public static Amount Quantized(in ParameterTally tally, in Ratio perWeight, long head, int rest)
    {
        var narrow = checked(tally.Matrices + head);
        return Amount.WithMargin(checked(perWeight.Of(narrow) + (rest * (tally.Total - narrow))), percent: 2);
    }

    /// <summary>Bytes per weight with its share of scales and zeros; doubly quantised NF4 when nothing is said.</summary>
    public static Ratio PerWeight(WeightQuantization? quantization) => quantization switch
    {
        null or { Scheme: QuantizationScheme.Nf4DoubleQuant or QuantizationScheme.Fp4DoubleQuant } => DoublyQuantised,
        { Scheme: QuantizationScheme.Nf4 or QuantizationScheme.Fp4, GroupSize: var group } => new Ratio(1, 2).Plus(4, group ?? 64),

        // LLM.int8: a scale per row, a ten-thousandth of the row (arXiv 2208.07339).
        { Scheme: QuantizationScheme.Int8 } => Ratio.Whole(1),
        { Scheme: QuantizationScheme.Fp8 } => new Ratio(16_388, 16_384),

        // OCP Microscaling Formats: an exponent of 8 bits per 32; NVFP4: an fp8 scale per 16.
        { Scheme: QuantizationScheme.MxFp4 } => new Ratio(17, 32),
        { Scheme: QuantizationScheme.NvFp4 } => new Ratio(9, 16),

        // AutoGPTQ and AutoAWQ: per group an fp16 scale and a zero as wide as a weight.
        { Scheme: QuantizationScheme.Gptq8, GroupSize: var group } => Ratio.Whole(1).Plus(3, group ?? 128),
        { GroupSize: var group } => new Ratio(1, 2).Plus(5, 2 * (group ?? 128)),
    };

    /// <summary>Two 4-bit floats in a byte until a product needs them: such weights are expanded first, GPTQ and AWQ kernels read them as they are.</summary>
    public static bool IsExpanded(WeightQuantization? quantization) => quantization is null
        or { Scheme: QuantizationScheme.Nf4 or QuantizationScheme.Nf4DoubleQuant or QuantizationScheme.Fp4 or QuantizationScheme.Fp4DoubleQuant };
}
