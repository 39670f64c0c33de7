using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Bytes of the base model under adapters: not trained, so without gradients, states or master copy.</summary>
internal static class FrozenWeights
{
    // NF4 in blocks of 64: half a byte, an int8 scale per block, an fp32 scale per 256 blocks (QLoRA, arXiv 2305.14314, section 3).
    public static readonly Ratio DoublyQuantised = new(2113, 4096);

    // Without double quantisation: half a byte and an fp32 scale per block of 64 (bitsandbytes nn/modules.py).
    public static readonly Ratio Quantised = new(9, 16);

    /// <summary>Linear layers inside blocks are quantised, and the output matrix where a program does so; embeddings and norms keep <paramref name="rest"/> bytes.</summary>
    public static long Quantized(in ParameterTally tally, in Ratio perWeight, long head, int rest)
    {
        var narrow = checked(tally.Matrices + head);
        return checked(perWeight.Of(narrow) + (rest * (tally.Total - narrow)));
    }

    /// <summary>Bytes per weight with its share of scales and zeros; doubly quantised NF4 when nothing is said.</summary>
    public static Ratio PerWeight(QuantizationSpec? quantization) => quantization is null ? DoublyQuantised : QuantizedWeight.Of(quantization);

    /// <summary>Weights are expanded before products.</summary>
    public static bool IsExpanded(QuantizationSpec? quantization) => quantization is null || QuantizedWeight.IsExpanded(quantization.Scheme);
}
