namespace GpuMem.Estimation.States;

/// <summary>Bytes of the base model under adapters: not trained, so without gradients, states or master copy.</summary>
internal static class FrozenWeights
{
    // QLoRA's, where nothing is said (arXiv 2305.14314, section 3).
    private static readonly QuantizationSpec Usual = new(QuantizationScheme.NF4DoubleQuantized);

    private static readonly string[] Symbols = [.. Enum.GetNames<QuantizationScheme>().Select(name => $"{name} · N_linear + β · N_rest")];

    /// <summary>Linear layers inside blocks are quantised, and the output matrix where a program does so; embeddings and norms keep <paramref name="rest"/> bytes.</summary>
    public static Formula Quantized(in ParameterTally tally, QuantizationSpec? quantization, long head, int rest, Product towers = default)
    {
        var (narrow, format) = (checked(tally.Matrices + head), Format(quantization));
        return new(Symbols[(int)format.Scheme], Source(format.Scheme), new(QuantizedWeight.Of(format), narrow), new(rest, tally.Total - narrow), towers);
    }

    private static string Source(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.GPTQ4 or QuantizationScheme.GPTQ8 => "GPTQ, arXiv 2210.17323",
        QuantizationScheme.AWQ4 => "AWQ, arXiv 2306.00978",
        QuantizationScheme.INT8 => "LLM.int8, arXiv 2208.07339",
        QuantizationScheme.HQQ => "mobiusml/hqq core/quantize.py",
        QuantizationScheme.AQLM => "AQLM, arXiv 2401.06118",
        _ when QuantizedWeight.IsExpanded(scheme) => "QLoRA, arXiv 2305.14314, section 3; peft src/peft/utils/other.py",
        _ => "scales per block",
    };

    /// <summary>What is said, or the usual.</summary>
    public static QuantizationSpec Format(QuantizationSpec? quantization) => quantization ?? Usual;

    /// <summary>Weights are expanded before products.</summary>
    public static bool IsExpanded(QuantizationSpec? quantization) => QuantizedWeight.IsExpanded(Format(quantization).Scheme);
}
