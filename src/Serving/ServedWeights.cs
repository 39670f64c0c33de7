namespace GpuMem.Serving;

/// <summary>Weights of one rank as they lie in memory: quantised parts in their formats, the rest in 16 or 32 bits.</summary>
internal static class ServedWeights
{
    public static Amount Of(in ServedRank rank)
    {
        checked
        {
            var rest = ElementSizes.Of(rank.Spec.Weights);
            var quantised = Quantised(rank);
            var bytes = quantised.Bytes + rest.Of(rank.Tally.Total - rank.OnHost - quantised.Parameters) + Absorbed(rank) + RotaryTable(rank);
            if (rank.Spec.PredictionModules && rank.Stage.IsLast)
                bytes += Prediction(rank);
            if (rank.Spec.Draft is { } draft)
                bytes += Draft(rank.Spec, draft);
            var vision = rank.Stage.IsFirst && !rank.Spec.TextOnly ? Vision(rank) + PictureBuffers(rank) : 0;

            // Read over the bus when their layer is computed (vllm/model_executor/offloader/uva.py).
            bytes -= Math.Min(rank.Spec.WeightsOnHost.Value, bytes);
            return Margins.OfServedWeights(bytes) + new Amount(0, quantised.More) + Margins.OfVision(vision);
        }
    }

    /// <summary>Parameters in quantised formats, their bytes as an engine keeps them, and how many more other kernels and releases keep.</summary>
    public static (long Parameters, long Bytes, long More) Quantised(in ServedRank rank)
    {
        if (rank.Quantization is not { } usual)
            return default;
        checked
        {
            var (parameters, bytes, more) = (0L, 0L, 0L);
            var parts = rank.StoredParts;
            for (var index = 0; index < parts.Count; index++)
            {
                var stored = parts[index];
                var format = stored.Own ?? usual;
                var count = Count(rank, stored);
                var size = SizeOf(rank, stored.Part, format).Of(count) + Codebooks.Of(rank, stored, format, count);
                (parameters, bytes) = (parameters + count, bytes + size);
                if (stored.Part == ModelPart.RoutedExperts && count > 0)
                {
                    var added = OfKernels(rank, format.Scheme, usual.Scheme, count, size);
                    (bytes, more) = (bytes + added.Expected, more + added.Upper - added.Expected);
                }
            }

            if (rank.Spec.IsLitGPT && FormatOf(rank, ModelPart.Head) is null)
                (parameters, bytes) = (parameters + rank.Head, bytes + SizeOf(usual).Of(rank.Head));
            return (parameters, bytes, more);
        }
    }

    /// <summary>What the kernels of routed experts keep beside the experts as they are stored.</summary>
    private static Amount OfKernels(in ServedRank rank, QuantizationScheme scheme, QuantizationScheme usual, long weights, long bytes) => (scheme, rank.Spec.Engine) switch
    {
        (QuantizationScheme.MXFP4, InferenceEngine.SGLang) when usual == QuantizationScheme.FP8 => Engines.SgLang.LoadedScales(rank.Spec, weights),
        (QuantizationScheme.MXFP4, _) => PaddedExperts.Of(rank, bytes),
        (QuantizationScheme.NVFP4, InferenceEngine.SGLang) => Engines.SgLang.SwizzledScales(rank.Spec, weights),
        _ => default,
    };

    private static Ratio SizeOf(in ServedRank rank, ModelPart part, QuantizationSpec format) =>
        QuantizedWeight.IsGguf(format.Scheme) ? GgufBlock.Of(format.Scheme, part, rank.Model) : QuantizedWeight.Of(format);

    private static Ratio SizeOf(QuantizationSpec format) => QuantizedWeight.IsGguf(format.Scheme) ? GgufBlock.Of(format.Scheme) : QuantizedWeight.Of(format);

    private static long Count(in ServedRank rank, StoredPart stored)
    {
        switch (stored.Part)
        {
            case ModelPart.Head:
                return rank.Head;
            case ModelPart.Embedding:
                return rank.Tally.Embedding - rank.EmbeddingOnHost;
            default:
                var first = Math.Max(Math.Max(rank.Stage.Start, stored.First), stored.Part == ModelPart.RoutedExperts ? rank.Spec.ExpertLayersOnHost : 0);
                var end = Math.Min(rank.Stage.Start + rank.Stage.Layers, stored.End);
                return end <= first ? 0 : PartTally.Of(rank.Model, rank.Shape, stored.Part, rank.Stage with { Start = first, Layers = end - first });
        }
    }

    /// <summary>
    /// Engines that cache the narrow vector of latent attention multiply it with both halves of the matrix that would widen it, of which they keep
    /// 16-bit copies beside the original (vllm model_executor/layers/attention, process_weights_after_loading: W_UK_T and W_UV; sglang w_kc and w_vc).
    /// </summary>
    private static long Absorbed(in ServedRank rank)
    {
        if (rank.Model.Latent is not { } latent || !(rank.Spec.RunsVllm || rank.Spec.Engine == InferenceEngine.SGLang))
            return 0;
        var layers = rank.Kinds.Dense + rank.Kinds.Experts;
        return checked(2 * layers * rank.Shape.Heads * latent.KeyValueRank * ((long)latent.PlainHeadDimension + latent.ValueHeadDimension));
    }

    /// <summary>
    /// Sines and cosines of all positions that the model may have, in the type of the weights (vllm model_executor/layers/rotary_embedding/base.py,
    /// cos_sin_cache). Layers share it that have heads of one width.
    /// </summary>
    private static long RotaryTable(in ServedRank rank)
    {
        var model = rank.Model;
        if (!rank.Spec.RunsVllm || model.LearnedPositions > 0 || !model.HasCache)
            return 0;
        var widths = model.Parts?.Layers.SelectMany(layer => layer.Caches).Where(cache => cache is { Heads: > 0, Elements: > 0 }).Select(cache => cache.Elements / (2L * cache.Heads)).Distinct().Sum() ?? 0;
        return ElementSizes.Of(rank.Spec.Weights).Of(checked(model.ContextLength * Math.Max(widths, model.Latent?.RotaryHeadDimension ?? model.HeadDimension)));
    }

    /// <summary>What Qwen3-VL's tower gives to layers after the first waits in buffers for a whole pass (vllm/model_executor/models/qwen3_vl.py, deepstack_input_embeds).</summary>
    private static long PictureBuffers(in ServedRank rank) => rank.Spec.RunsVllm && rank.Model.Pictures is { InterpolatesPositions: true } tower
        ? ElementSizes.Of(rank.Spec.Weights).Of(checked(rank.Spec.MaxBatchedTokens * Math.Max(0, tower.OutputSize - rank.Model.HiddenSize)))
        : 0;

    /// <summary>Modules for further tokens are stored as the layers are; their share of quantised weights is the same.</summary>
    private static long Prediction(in ServedRank rank)
    {
        var module = LayerTally.PredictionModule(rank.Model, rank.Shape) * rank.Model.PredictionModules;
        var linear = FormatOf(rank, ModelPart.Prediction) is { } format ? SizeOf(format) : ElementSizes.Of(rank.Spec.Weights);
        return checked(linear.Of(module.Matrices) + ElementSizes.Of(rank.Spec.Weights).Of(module.Total - module.Matrices));
    }

    /// <summary>vLLM divides it as it divides the rest (vllm/config/multimodal.py, mm_encoder_tp_mode "weights").</summary>
    private static long Vision(in ServedRank rank)
    {
        var here = rank.Spec.RunsVllm ? Ratio.DivideUp(rank.Model.VisionParameters, rank.Spec.Tensor) : rank.Model.VisionParameters;
        return (FormatOf(rank, ModelPart.Vision) is { } format ? SizeOf(format) : ElementSizes.Of(rank.Spec.Weights)).Of(here);
    }

    private static QuantizationSpec? FormatOf(in ServedRank rank, ModelPart part)
    {
        var parts = rank.StoredParts;
        for (var index = 0; index < parts.Count; index++)
            if (parts[index].Part == part)
                return parts[index].Own ?? rank.Quantization;
        return null;
    }

    private static long Draft(InferenceSpec spec, SpeculativeDraft draft)
    {
        var whole = ParameterTally.Of(draft.Model, PipelineStage.Whole(draft.Model), new RankShape(draft.Model, draft.Tensor));
        return ElementSizes.Of(spec.Weights).Of(whole.Total);
    }
}
