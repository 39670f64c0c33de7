namespace GpuMem.Estimation.States;

/// <summary>What is trained beside the low-rank matrices: whole copies of modules outside the blocks, and DoRA's magnitudes.</summary>
internal static class AdapterExtras
{
    private static readonly string[] Embeddings = ["embed_tokens", "wte"];

    private const string Head = "lm_head";

    /// <summary>Modules outside the blocks that can be trained whole.</summary>
    public static IEnumerable<string> Known => [.. Embeddings, Head];

    public static bool IsKnown(string? name) => name == Head || Array.IndexOf(Embeddings, name) >= 0;

    public static ParameterTally Of(in RankContext rank, LoraSpec lora)
    {
        var extras = SavedModules(rank, lora.ModulesToSave);
        return lora.Decomposed ? extras + Magnitudes(rank) : extras;
    }

    /// <summary>peft's modules_to_save: the embedding and the output matrix, as copies in the adapters' type beside the frozen ones.</summary>
    private static ParameterTally SavedModules(in RankContext rank, IReadOnlyList<string> names)
    {
        var (sum, matrix) = (default(ParameterTally), checked(rank.Shape.Vocabulary * rank.Shape.Hidden));
        for (var i = 0; i < names.Count; i++)
        {
            if (rank.Stage.IsFirst && Array.IndexOf(Embeddings, names[i]) >= 0)
                sum += new ParameterTally(matrix, 0, 0, matrix, rank.Shape.Vocabulary + rank.Shape.Hidden);
            else if (rank.Stage.IsLast && names[i] == Head)
                sum += new ParameterTally(matrix, 0, 0, 0, rank.Shape.Vocabulary + rank.Shape.Hidden);
        }
        return sum;
    }

    /// <summary>DoRA (arXiv 2402.09353): one trained number per output of each target.</summary>
    private static ParameterTally Magnitudes(in RankContext rank)
    {
        checked
        {
            var (model, shape, targets) = (rank.Model, rank.Shape, rank.Targets);
            var outputs = Width(LoraTargets.Query, shape.Query) + Width(LoraTargets.Key, shape.KeyValue) + Width(LoraTargets.Value, shape.KeyValue)
                + Width(LoraTargets.Output, shape.Hidden) + (model.GatedFeedForward ? Width(LoraTargets.Gate, shape.FeedForward) : 0)
                + Width(LoraTargets.Up, shape.FeedForward) + Width(LoraTargets.Down, shape.Hidden)
                + Width(LoraTargets.FusedQueryKeyValue, shape.Query + (2 * shape.KeyValue)) + Width(LoraTargets.FusedGateUp, 2 * shape.FeedForward);
            var vectors = outputs * rank.Stage.Layers;
            return new ParameterTally(vectors, 0, vectors, 0, 0);

            long Width(LoraTargets target, long width) => (targets & target) == LoraTargets.None ? 0 : width;
        }
    }
}
