namespace GpuMem.Serving;

/// <summary>
/// What AQLM keeps beside the codes of a matrix: its codebooks in 16 bits, which every tensor-parallel rank has whole, and a scale for each row
/// (Vahe1994/AQLM inference_lib/src/aqlm/inference.py, vllm model_executor/layers/quantization/aqlm.py).
/// </summary>
internal static class Codebooks
{
    private const int UsualBits = 16;
    private const int UsualGroup = 8;
    private const int ProjectionsOfAttention = 4;

    /// <param name="rank">What the rank holds.</param>
    /// <param name="stored">A part of the model, and in which layers it is stored so.</param>
    /// <param name="format">How.</param>
    /// <param name="weights">How many weights of it the rank has.</param>
    public static long Of(in ServedRank rank, StoredPart stored, QuantizationSpec format, long weights)
    {
        if (format.Scheme != QuantizationScheme.AQLM || weights == 0)
            return 0;
        checked
        {
            var entries = format.Codebooks * (1L << (format.Bits ?? UsualBits));
            return (sizeof(short) * entries * (format.GroupSize ?? UsualGroup) * Matrices(rank, stored)) + (sizeof(short) * weights / rank.Shape.Hidden);
        }
    }

    private static long Matrices(in ServedRank rank, StoredPart stored)
    {
        var first = Math.Max(rank.Stage.Start, stored.First);
        var layers = LayerCounts.Of(rank.Model, rank.Stage with { Start = first, Layers = Math.Min(rank.Stage.Start + rank.Stage.Layers, stored.End) - first });
        var feedForward = rank.Model.GatedFeedForward ? 3 : 2;
        return checked(stored.Part switch
        {
            ModelPart.Attention => ProjectionsOfAttention * (layers.Dense + layers.Experts + layers.Encoder),
            ModelPart.FeedForward => feedForward * (layers.Dense + layers.Encoder),
            ModelPart.RoutedExperts => feedForward * layers.Experts * rank.Shape.Experts,
            ModelPart.SharedExperts => feedForward * layers.Experts,
            _ => 1,
        });
    }
}
