using static GpuMem.Serving.GgufFormat;

namespace GpuMem.Serving;

/// <summary>
/// What llama.cpp stores each matrix in that has a type by its name: those that matter more get more bits (src/llama-quant.cpp, llama_tensor_get_type_impl),
/// as with an importance matrix, without which the smallest types are not made.
/// </summary>
internal sealed record GgufMixture
{
    private GgufMixture(GgufFormat usual) => (QueryKey, Value, Output, GateUp, Down, Joined, Embedding, Head) = (usual, usual, usual, usual, usual, usual, usual, Q6);

    public GgufLayers QueryKey { get; private init; }

    public GgufLayers Value { get; private init; }

    /// <summary>Of attention.</summary>
    public GgufLayers Output { get; private init; }

    public GgufLayers GateUp { get; private init; }

    public GgufLayers Down { get; private init; }

    /// <summary>Queries, keys and values in one matrix, as layers of linear attention have them.</summary>
    public GgufLayers Joined { get; private init; }

    public GgufFormat Embedding { get; private init; }

    /// <summary>The output matrix, and an embedding that is one too.</summary>
    public GgufFormat Head { get; private init; }

    /// <param name="scheme">What the file is called by.</param>
    /// <param name="wide">Four heads of queries or more share one of values, whose matrix is small then and gets more bits.</param>
    /// <param name="hasExperts">Of four experts and more, which make it small as well.</param>
    public static GgufMixture Of(QuantizationScheme scheme, bool wide = false, bool hasExperts = false) => scheme switch
    {
        QuantizationScheme.IQ1S => OfCodes(IQ1S, Q2, IQ2XXS, wide || hasExperts),
        QuantizationScheme.IQ1M => OfCodes(IQ1M, Q2, IQ2XXS, wide || hasExperts),
        QuantizationScheme.IQ2XXS => OfCodes(IQ2XXS, Q2, IQ2XXS, wide || hasExperts),
        QuantizationScheme.IQ2XS => OfCodes(IQ2XS, Q2, IQ2XS, wide || hasExperts),
        QuantizationScheme.IQ2S => OfCodes(IQ2XS, IQ3S, IQ3S, wide || hasExperts),
        QuantizationScheme.IQ2M => OfCodes(IQ2S, IQ3S, IQ3S, wide || hasExperts),
        QuantizationScheme.TQ10 => new(TQ1) { Embedding = Q4 },
        QuantizationScheme.TQ20 => new(TQ2) { Embedding = Q4 },
        QuantizationScheme.Q2KS => new(Q2) { Value = wide ? Q4 : Q2, Down = FirstEighth(Q4, Q2) },
        QuantizationScheme.Q2K => new(Q2) { Value = wide ? Q4 : Q3, Output = Q3, Down = Q3 },
        QuantizationScheme.IQ3XXS => new(IQ3XXS) { QueryKey = IQ2S, Value = wide ? Q4 : IQ3XXS, Output = IQ3S, Embedding = IQ3S, Head = Q5 },
        QuantizationScheme.IQ3XS => new(IQ3S) { QueryKey = IQ3XXS, Value = wide ? Q4 : IQ3S, GateUp = new(IQ3S, IQ3XXS, 12) },
        QuantizationScheme.IQ3S => new(IQ3S) { Value = wide ? Q4 : IQ3S },
        QuantizationScheme.IQ3M => new(IQ3S) { Value = Q4, Output = Q4, Down = FirstEighth(Q4, IQ3S), Joined = Q4 },
        QuantizationScheme.Q3KS => new(Q3),
        QuantizationScheme.Q3KM => new(Q3) { Value = Q4, Output = Q4, Down = new(Q4, Q5, 1), Joined = Q4 },
        QuantizationScheme.Q3KL => new(Q3) { Value = Q5, Output = Q5, Down = Q5, Joined = Q4 },
        QuantizationScheme.Q40 => new(Q40),
        QuantizationScheme.Q41 => new(Q41),
        QuantizationScheme.IQ4XS => new(IQ4) { Value = wide ? Q5 : IQ4 },
        QuantizationScheme.Q4KS => new(Q4) { Down = FirstEighth(Q5, Q4) },
        QuantizationScheme.Q4KM => new(Q4) { Value = Half(Q6, Q4), Down = Half(Q6, Q4), Joined = Q5 },
        QuantizationScheme.Q5KS => new(Q5),
        QuantizationScheme.Q51 => new(Q51),
        QuantizationScheme.Q5KM => new(Q5) { Value = Half(Q6, Q5), Down = Half(Q6, Q5), Joined = Q6 },
        QuantizationScheme.Q6K => new(Q6),
        _ => new(Q80) { Head = Q80 },
    };

    /// <summary>Two bits and fewer, where matrices that matter have more than the rest by far.</summary>
    private static GgufMixture OfCodes(GgufFormat usual, GgufFormat more, GgufFormat output, bool smallValues) =>
        new(usual) { Value = smallValues ? Q4 : more, Output = output, Down = FirstEighth(more, usual), Embedding = more, Head = Q5 };

    private static GgufLayers FirstEighth(GgufFormat more, GgufFormat usual) => new(usual, more, GgufLayers.All / 8);

    /// <summary>The first eighth, the last, and every third layer between them.</summary>
    private static GgufLayers Half(GgufFormat more, GgufFormat usual) => new(usual, more, GgufLayers.All / 2);
}
