namespace GpuMem.Estimation.Inference;

/// <summary>Activations of one forward pass without autograd: one layer is alive at a time, then the logits.</summary>
internal static class PassActivations
{
    // Sampling keeps 16-bit logits, an fp32 copy and what softmax or sorting needs of it: 2 + 4 + 4.
    private const int SampledBytes = 10;

    /// <summary>An engine measures its largest pass at start and sets its peak aside, sampling of the most sequences included.</summary>
    public static long OfEngine(in ServedRank rank)
    {
        checked
        {
            var (spec, shape) = (rank.Spec, rank.Shape);
            var layer = (4 * shape.Hidden) + (4 * FeedForward(rank)) + (2 * (shape.Query + (2 * shape.KeyValue))) + Dispatched(rank);
            var sampled = rank.Stage.IsLast ? SampledBytes * spec.MaxSequences * rank.Model.VocabularySize : 0;
            return (spec.MaxBatchedTokens * layer) + sampled;
        }
    }

    /// <summary>One layer of plain modules over the whole prompt: the stream and its norm, gate, up and their product; in the open, scores and softmax.</summary>
    public static long OfPrompt(in ServedRank rank)
    {
        checked
        {
            var (spec, shape) = (rank.Spec, rank.Shape);
            var size = spec.Weights.ActivationBytes();
            var tokens = spec.Batch * spec.InputLength;
            var scores = spec.Attention == AttentionKernel.Eager ? (size + 4) * shape.Heads * spec.InputLength : 0;
            var width = Math.Max(3 * FeedForward(rank), shape.Query + (2 * shape.KeyValue) + shape.AttentionOutput);
            return tokens * ((size * ((2 * shape.Hidden) + width)) + scores + Dispatched(rank));
        }
    }

    /// <summary>Logits of the prompt; transformers casts them to fp32.</summary>
    public static long LogitsOfPrompt(in ServedRank rank)
    {
        if (!rank.Stage.IsLast)
            return 0;
        checked
        {
            var spec = rank.Spec;
            var size = spec.Weights.ActivationBytes();
            var perLogit = spec.Engine == InferenceEngine.HuggingFace && size == 2 ? size + 4 : size;
            var tokens = spec.Logits == PrefillLogits.AllTokens ? spec.InputLength : 1;
            return spec.Batch * tokens * ((perLogit * rank.Vocabulary) + (size * rank.Shape.Hidden));
        }
    }

    /// <summary>
    /// One matrix expanded to 16 bits; and an output matrix that is quantised, too, at four bytes per weight, in 8 bits as in 4
    /// (measured by LitGPT, the only software that quantises it, as what each format needs beyond its weights).
    /// </summary>
    public static (long Layer, long Head) Expanded(in ServedRank rank)
    {
        if (rank.Quantization is not { } quantization)
            return default;
        checked
        {
            var widest = Math.Max(rank.Shape.FeedForward, Math.Max(rank.Shape.Query, rank.Shape.ExpertSize));
            var layer = QuantizedWeight.IsExpanded(quantization.Scheme) ? 2 * rank.Shape.Hidden * widest : 0;
            return (layer, rank.Spec.IsLitGPT ? FittedBytes.LitGPTHead * rank.Head : 0);
        }
    }

    private static long FeedForward(in ServedRank rank) => rank.Model.Experts is { } mixture
        ? Math.Max(rank.Model.HasDenseFeedForward ? rank.Shape.FeedForward : 0, checked((mixture.ActivePerToken * rank.Shape.ExpertSize) + rank.Shape.SharedSize))
        : Math.Max(rank.Shape.FeedForward, rank.Shape.InnerSize);

    /// <summary>Each token's input once per expert that works on it.</summary>
    private static long Dispatched(in ServedRank rank) => rank.Model.Experts is { } mixture ? checked(2 * mixture.ActivePerToken * rank.Shape.Hidden) : 0;
}
