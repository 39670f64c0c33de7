namespace GpuMem.Serving;

/// <summary>Activations of one forward pass without autograd: one layer is alive at a time, then the logits.</summary>
internal static class PassActivations
{
    // 16-bit logits, an fp32 copy and what softmax or sorting needs of it, in half bytes: 2 · (2 + 4 + 4).
    private const int SampledHalfBytes = 20;

    /// <summary>
    /// An engine measures its largest pass at start and sets its peak aside: one layer of the most tokens (with the residual, its norm and the output), or the sampler, which comes when layers are
    /// done (vllm/v1/worker/gpu_model_runner.py, profile_run); before both, the tower for pictures.
    /// </summary>
    public static long OfEngine(in ServedRank rank)
    {
        checked
        {
            var (spec, shape) = (rank.Spec, rank.Shape);
            var layer = (6 * shape.Hidden) + Math.Max(WidestLayer(rank), 2 * ((2 * shape.Query) + (2 * shape.KeyValue)));
            var sampled = rank.Stage.IsLast ? Ratio.DivideUp(SampledHalves(spec) * spec.MaxSequences * rank.Model.VocabularySize, 2) : 0;
            var (pictures, kept) = PicturePass.Of(rank);
            return Math.Max(pictures, kept + Math.Max(spec.MaxBatchedTokens * layer, sampled));
        }
    }

    public static int SampledHalves(InferenceSpec spec) => spec.RunsVllm ? Engines.Vllm.Of(spec).SampledHalfBytes : SampledHalfBytes;

    /// <summary>
    /// Gate and up together and their product; of experts the same for each that a token is sent to, in a buffer that also takes their outputs (vllm
    /// model_executor/layers/fused_moe/fused_moe.py, intermediate_cache13).
    /// </summary>
    private static long WidestLayer(in ServedRank rank)
    {
        var dense = 6 * Math.Max(rank.Model.HasDenseFeedForward ? rank.Shape.FeedForward : 0, Math.Max(rank.Shape.SharedSize, rank.Shape.InnerSize));
        return rank.Model.Experts is { } mixture
            ? Math.Max(dense, (mixture.ActivePerToken * ((2 * Math.Max(2 * rank.Shape.ExpertSize, rank.Shape.Hidden)) + (2 * rank.Shape.ExpertSize))) + (2 * rank.Shape.Hidden))
            : dense;
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

    public static long FeedForward(in ServedRank rank) => rank.Model.Experts is { } mixture
        ? Math.Max(rank.Model.HasDenseFeedForward ? rank.Shape.FeedForward : 0, checked((mixture.ActivePerToken * rank.Shape.ExpertSize) + rank.Shape.SharedSize))
        : Math.Max(rank.Shape.FeedForward, rank.Shape.InnerSize);

    /// <summary>Each token's input once per expert that works on it.</summary>
    private static long Dispatched(in ServedRank rank) => rank.Model.Experts is { } mixture ? checked(2 * mixture.ActivePerToken * rank.Shape.Hidden) : 0;
}
