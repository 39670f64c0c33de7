namespace GpuMem.Estimation.Inference;

/// <summary>Weights of one rank as they lie in memory: linear layers in their quantised form, the rest in 16 or 32 bits.</summary>
internal static class ServedWeights
{
    public static Amount Of(in ServedRank rank)
    {
        checked
        {
            var rest = ElementSizes.Of(rank.Spec.Weights);
            var quantised = Quantised(rank);
            var bytes = quantised.Bytes + rest.Of(rank.Tally.Total - quantised.Parameters);
            if (rank.Spec.PredictionModules && rank.Stage.IsLast)
                bytes += Prediction(rank);
            if (rank.Spec.Draft is { } draft)
                bytes += Draft(rank.Spec, draft);
            var vision = rank.Stage.IsFirst ? rest.Of(rank.Model.VisionParameters) : 0;
            return Margins.OfServedWeights(bytes) + Margins.OfVision(vision);
        }
    }

    /// <summary>Parameters in the quantised format, and their bytes with scales.</summary>
    public static (long Parameters, long Bytes) Quantised(in ServedRank rank)
    {
        if (rank.Quantization is not { } quantization)
            return default;
        checked
        {
            // gpt-oss has nothing but its experts in MXFP4 (openai/gpt-oss config.json, modules_to_not_convert).
            var onlyExperts = quantization.Scheme == QuantizationScheme.MXFP4 && rank.Model.Experts is not null;
            var parameters = (onlyExperts ? rank.Tally.Experts.Total - rank.Tally.Experts.Vectors : rank.Tally.Matrices) + (rank.Spec.IsLitGPT ? rank.Head : 0);

            return (parameters, QuantizedWeight.Of(quantization).Of(parameters));
        }
    }

    /// <summary>Modules for further tokens are stored as the layers are; their share of quantised weights is the same.</summary>
    private static long Prediction(in ServedRank rank)
    {
        var module = LayerTally.PredictionModule(rank.Model, rank.Shape) * rank.Model.PredictionModules;
        var linear = rank.Quantization is { } quantization ? QuantizedWeight.Of(quantization) : ElementSizes.Of(rank.Spec.Weights);
        return checked(linear.Of(module.Matrices) + ElementSizes.Of(rank.Spec.Weights).Of(module.Total - module.Matrices));
    }

    private static long Draft(InferenceSpec spec, SpeculativeDraft draft)
    {
        var whole = ParameterTally.Of(draft.Model, PipelineStage.Whole(draft.Model), new RankShape(draft.Model, draft.Tensor));
        return ElementSizes.Of(spec.Weights).Of(whole.Total);
    }
}
