namespace GpuMem.Serving;

/// <summary>One of llama.cpp's formats of a matrix, scales included (ggml/src/ggml-common.h: blocks of 32 or 256).</summary>
/// <param name="Whole">Bytes of 256 weights where blocks of 256 divide a row.</param>
/// <param name="Otherwise">Bytes of 256 weights where they do not: rows are stored in blocks of 32 then, in the next larger format (src/llama-quant.cpp, tensor_type_fallback; findings/llama-quantize-width.sh).</param>
internal readonly record struct GgufFormat(long Whole, long Otherwise)
{
    public const int Block = 256;

    public static readonly GgufFormat IQ1S = new(50, 144);
    public static readonly GgufFormat IQ1M = new(56, 144);
    public static readonly GgufFormat TQ1 = new(54, 144);
    public static readonly GgufFormat TQ2 = new(66, 144);
    public static readonly GgufFormat IQ2XXS = new(66, 144);
    public static readonly GgufFormat IQ2XS = new(74, 144);
    public static readonly GgufFormat IQ2S = new(82, 144);
    public static readonly GgufFormat Q2 = new(84, 144);
    public static readonly GgufFormat IQ3XXS = new(98, 144);
    public static readonly GgufFormat IQ3S = new(110, 144);
    public static readonly GgufFormat Q3 = new(110, 144);
    public static readonly GgufFormat IQ4 = new(136, 144);
    public static readonly GgufFormat Q4 = new(144, 176);
    public static readonly GgufFormat Q40 = new(144, 144);
    public static readonly GgufFormat Q41 = new(160, 160);
    public static readonly GgufFormat Q5 = new(176, 192);
    public static readonly GgufFormat Q51 = new(192, 192);
    public static readonly GgufFormat Q6 = new(210, 272);
    public static readonly GgufFormat Q80 = new(272, 272);

    public long In(long row) => row % Block == 0 ? Whole : Otherwise;
}

/// <summary>The format of one matrix in all layers.</summary>
/// <param name="Usual">Of most of them.</param>
/// <param name="Other">Of the others.</param>
/// <param name="Others">How many of sixteen those are.</param>
internal readonly record struct GgufLayers(GgufFormat Usual, GgufFormat Other = default, int Others = 0)
{
    public const int All = 16;

    public static implicit operator GgufLayers(GgufFormat format) => new(format);

    /// <summary>Bytes of 256 weights in each of sixteen layers.</summary>
    public long In(long row) => ((All - Others) * Usual.In(row)) + (Others * Other.In(row));
}
