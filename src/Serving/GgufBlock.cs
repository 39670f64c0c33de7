namespace GpuMem.Serving;

/// <summary>
/// Bytes of one weight in llama.cpp's formats, scales included (ggml/src/ggml-common.h: blocks of 32 or 256). Mixtures give a third of the feed-forward, and
/// some of attention, more bits (src/llama-quant.cpp, llama_tensor_get_type), of which this is the mean.
/// </summary>
internal static class GgufBlock
{
    private const int Block = 256;

    // Rows that blocks of 256 do not divide are stored in blocks of 32, in the next larger format: Q2_K, Q3_K and IQ4_XS in one of 4.5 bits, the others in
    // Q5_0, Q5_1 and Q8_0 (findings/llama-quantize-width.sh).
    private static readonly Format Q2 = new(84, 144);
    private static readonly Format Q3 = new(110, 144);
    private static readonly Format IQ4 = new(136, 144);
    private static readonly Format Q4 = new(144, 176);
    private static readonly Format Q5 = new(176, 192);
    private static readonly Format Q6 = new(210, 272);
    private static readonly Format Q40 = new(144, 144);
    private static readonly Format Q80 = new(272, 272);

    /// <param name="scheme">What the file is called by.</param>
    /// <param name="row">Elements in a row of the first two of three matrices.</param>
    /// <param name="lastRow">Elements in a row of the third.</param>
    public static Ratio Of(QuantizationScheme scheme, long row = Block, long lastRow = Block)
    {
        var (usual, last, halfOfLast) = scheme switch
        {
            QuantizationScheme.Q2K => (Q2, Q3, Q3),
            QuantizationScheme.Q3KM => (Q3, Q4, Q4),
            QuantizationScheme.Q40 => (Q40, Q40, Q40),
            QuantizationScheme.Q4KS => (Q4, Q4, Q4),
            QuantizationScheme.Q4KM => (Q4, Q4, Q6),
            QuantizationScheme.IQ4XS => (IQ4, IQ4, IQ4),
            QuantizationScheme.Q5KS => (Q5, Q5, Q5),
            QuantizationScheme.Q5KM => (Q5, Q5, Q6),
            QuantizationScheme.Q6K => (Q6, Q6, Q6),
            _ => (Q80, Q80, Q80),
        };
        return new((4 * usual.In(row)) + last.In(lastRow) + halfOfLast.In(lastRow), 6 * Block);
    }

    /// <param name="Whole">Bytes of 256 weights where blocks of 256 divide a row.</param>
    /// <param name="Otherwise">Bytes of 256 weights where they do not.</param>
    private readonly record struct Format(long Whole, long Otherwise)
    {
        public long In(long row) => row % Block == 0 ? Whole : Otherwise;
    }
}
