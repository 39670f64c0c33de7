namespace GpuMem.Estimation.Models;

/// <summary>Which dimensions make a model. Paths are relative to the job.</summary>
internal static class ModelRules
{
    public static void Check(ModelArchitecture model, ref ProblemList problems)
    {
        Within(model.HiddenSize, ModelLimits.MaxHiddenSize, "hidden size", ref problems);
        Within(model.Layers, ModelLimits.MaxLayers, "number of layers", ref problems);
        Within(model.AttentionHeads, ModelLimits.MaxHeads, "number of attention heads", ref problems);
        Within(model.KeyValueHeads, ModelLimits.MaxHeads, "number of key-value heads", ref problems);
        Within(model.HeadDimension, ModelLimits.MaxHeadDimension, "head dimension", ref problems);
        Within(model.FeedForwardSize, ModelLimits.MaxWidth, "feed-forward size", ref problems, least: model.StateSpace is null && model.Parts is null ? 1 : 0);
        Within(model.VocabularySize, ModelLimits.MaxVocabularySize, "vocabulary size", ref problems);
        Within(model.NormsPerLayer, ModelLimits.MaxNormsPerLayer, "number of norms per layer", ref problems);
        Within(model.LearnedPositions, ModelLimits.MaxLearnedPositions, "number of learned positions", ref problems, least: 0);
        Within(model.ContextLength, JobLimits.MaxSequenceLength, "length of the context", ref problems, least: 0);
        Within(model.TokenTypes, ModelLimits.MaxLearnedPositions, "number of token types", ref problems, least: 0);
        Within(model.EncoderLayers, ModelLimits.MaxLayers, "number of encoder layers", ref problems, least: 0);
        Within(model.RelativePositionBuckets, ModelLimits.MaxRank, "number of relative position buckets", ref problems, least: 0);
        Within(model.PredictionModules, ModelLimits.MaxPredictionModules, "number of prediction modules", ref problems, least: 0);
        if (problems.Any)
            return;

        if ((long)model.AttentionHeads * model.HeadDimension > ModelLimits.MaxWidth)
            problems.Add("model", $"{model.AttentionHeads} attention heads of {model.HeadDimension} are wider than {ModelLimits.MaxWidth}; check both numbers");
        if (model.AttentionHeads % model.KeyValueHeads != 0)
        {
            problems.Add(
                "model",
                $"{model.AttentionHeads} attention heads cannot share {model.KeyValueHeads} key-value heads evenly; check both numbers in the model's config.json");
        }

        if (model is not { Experts: null, Latent: null, Window: null, StateSpace: null, EncoderLayers: 0, VisionParameters: 0, Parts: null })
            TraitRules.Check(model, ref problems);
    }

    /// <param name="least">The smallest number that is sound.</param>
    public static void Within(long value, long max, string what, ref ProblemList problems, long least = 1)
    {
        if (value < least || value > max)
            problems.Add("model", $"the {what} is {value}; it must lie between {least} and {max}");
    }
}
