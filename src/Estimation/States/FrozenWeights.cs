namespace GpuMem.Estimation.States;

/// <summary>Bytes of the base model under adapters: not trained, so without gradients, states or master copy.</summary>
internal static class FrozenWeights
{
    // NF4 in blocks of 64: half a byte, an int8 scale per block, an fp32 scale per 256 blocks (QLoRA, arXiv 2305.14314, section 3).
    public static readonly Ratio DoublyQuantised = new(2113, 4096);

    // Without double quantisation: half a byte and an fp32 scale per block of 64 (bitsandbytes nn/modules.py).
    public static readonly Ratio Quantised = new(9, 16);

    /// <summary>Linear layers inside blocks are quantised, and the output matrix where a program does so; embeddings and norms keep <paramref name="rest"/> bytes.</summary>
    public static Formula Quantized(in ParameterTally tally, QuantizationScheme scheme, in Ratio perWeight, long head, int rest, Product towers = default)
    {
        var narrow = checked(tally.Matrices + head);
        return new(Symbols(scheme), Source(scheme), new(perWeight, narrow), new(rest, tally.Total - narrow), towers);
    }

    private static string Symbols(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.NF4 or QuantizationScheme.NF4DoubleQuantized => "NF4 · N_linear + β · N_rest",
        QuantizationScheme.FP4 or QuantizationScheme.FP4DoubleQuantized => "FP4 · N_linear + β · N_rest",
        _ => "quantised · N_linear + β · N_rest",
    };

    private static string Source(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.GPTQ4 or QuantizationScheme.GPTQ8 => "GPTQ, arXiv 2210.17323",
        QuantizationScheme.AWQ4 => "AWQ, arXiv 2306.00978",
        QuantizationScheme.INT8 => "LLM.int8, arXiv 2208.07339",
        _ when QuantizedWeight.IsExpanded(scheme) => "QLoRA, arXiv 2305.14314, section 3; peft src/peft/utils/other.py",
        _ => "scales per block",
    };

    /// <summary>Bytes per weight with its share of scales and zeros; doubly quantised NF4 when nothing is said.</summary>
    public static Ratio PerWeight(QuantizationSpec? quantization) => quantization is null ? DoublyQuantised : QuantizedWeight.Of(quantization);

    public static QuantizationScheme Scheme(QuantizationSpec? quantization) => quantization?.Scheme ?? QuantizationScheme.NF4DoubleQuantized;

    /// <summary>Weights are expanded before products.</summary>
    public static bool IsExpanded(QuantizationSpec? quantization) => quantization is null || QuantizedWeight.IsExpanded(quantization.Scheme);
}
