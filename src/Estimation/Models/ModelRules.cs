using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.Models;

/// <summary>Which dimensions make a decoder. Paths are relative to the model.</summary>
internal static class ModelRules
{
    public static void Check(ModelArchitecture model, ref ProblemList problems)
    {
        Within(model.HiddenSize, ModelLimits.MaxHiddenSize, "hidden size", ref problems);
        Within(model.Layers, ModelLimits.MaxLayers, "number of layers", ref problems);
        Within(model.AttentionHeads, ModelLimits.MaxHeads, "number of attention heads", ref problems);
        Within(model.KeyValueHeads, ModelLimits.MaxHeads, "number of key-value heads", ref problems);
        Within(model.HeadDimension, ModelLimits.MaxHeadDimension, "head dimension", ref problems);
        Within(model.FeedForwardSize, ModelLimits.MaxWidth, "feed-forward size", ref problems);
        Within(model.VocabularySize, ModelLimits.MaxVocabularySize, "vocabulary size", ref problems);
        Within(model.NormsPerLayer, ModelLimits.MaxNormsPerLayer, "number of norms per layer", ref problems);
        if (model.LearnedPositions is < 0 or > ModelLimits.MaxLearnedPositions)
            problems.Add("model", $"the number of learned positions is {model.LearnedPositions}; it must lie between 0 and {ModelLimits.MaxLearnedPositions}");
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
    }

    private static void Within(long value, long max, string what, ref ProblemList problems)
    {
        if (value < 1 || value > max)
            problems.Add("model", $"the {what} is {value}; it must lie between 1 and {max}");
    }
}
