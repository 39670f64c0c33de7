namespace GpuMem.Estimation.States;

/// <summary>
/// Bytes of one weight in llama.cpp's formats, scales included (ggml/src/ggml-common.h: blocks of 32 or 256). Mixtures give a third of the feed-forward, and
/// some of attention, more bits (src/llama-quant.cpp, llama_tensor_get_type), of which this is the mean.
/// </summary>
internal static class GgufBlock
{
    // Two of three matrices in Q2_K (84 bytes of 256), the third in Q3_K (110).
    private static readonly Ratio Q2 = new((2 * 84) + 110, 3 * 256);

    // Two of three in Q3_K, the third in Q4_K (144).
    private static readonly Ratio Q3 = new((2 * 110) + 144, 3 * 256);

    // Half of the third matrix in Q6_K (210).
    private static readonly Ratio Q4 = new((5 * 144) + 210, 6 * 256);
    private static readonly Ratio Q5 = new((5 * 176) + 210, 6 * 256);

    public static bool Has(QuantizationScheme scheme) => scheme is >= QuantizationScheme.Q2K and <= QuantizationScheme.Q80;

    public static Ratio Of(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.Q2K => Q2,
        QuantizationScheme.Q3KM => Q3,
        QuantizationScheme.Q40 => new(18, 32),
        QuantizationScheme.Q4KS => new(144, 256),
        QuantizationScheme.Q4KM => Q4,
        QuantizationScheme.IQ4XS => new(136, 256),
        QuantizationScheme.Q5KS => new(176, 256),
        QuantizationScheme.Q5KM => Q5,
        QuantizationScheme.Q6K => new(210, 256),
        _ => new(34, 32),
    };
}
