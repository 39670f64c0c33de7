namespace GpuMem.Serving;

/// <summary>Bytes of one weight in llama.cpp's files, the mean of a part of the model.</summary>
internal static class GgufBlock
{
    private const long Weights = GgufFormat.Block * GgufLayers.All;

    /// <summary>Of a part whose matrices are not known one by one: as the feed-forward has it.</summary>
    public static Ratio Of(QuantizationScheme scheme) => FeedForward(GgufMixture.Of(scheme), GgufFormat.Block, GgufFormat.Block);

    /// <summary>What llama.cpp makes of a matrix depends on its rows; an embedding that is the output matrix is stored as one.</summary>
    public static Ratio Of(QuantizationScheme scheme, ModelPart part, ModelArchitecture model)
    {
        var mixture = GgufMixture.Of(scheme, model.AttentionHeads >= 4 * model.KeyValueHeads, model.Experts is not null);
        var row = model.HiddenSize;
        return part switch
        {
            ModelPart.Head => new(mixture.Head.In(row), GgufFormat.Block),
            ModelPart.Embedding => new((model.TiedEmbeddings ? mixture.Head : mixture.Embedding).In(row), GgufFormat.Block),
            ModelPart.Attention => Attention(mixture, model),
            ModelPart.Recurrence => new(mixture.Joined.In(row) + mixture.GateUp.In(row), 2 * Weights),
            ModelPart.RoutedExperts => FeedForward(mixture, row, model.Experts?.ExpertSize ?? row),
            ModelPart.SharedExperts => FeedForward(mixture, row, model.Experts?.SharedSize ?? row),
            ModelPart.FeedForward => FeedForward(mixture, row, model.FeedForwardSize),
            _ => FeedForward(mixture, row, row),
        };
    }

    /// <summary>By their heads, as each of these matrices has a row or a column for every element of one.</summary>
    private static Ratio Attention(GgufMixture mixture, ModelArchitecture model)
    {
        long queries = model.AttentionHeads;
        long shared = model.Latent is null ? model.KeyValueHeads : 0;
        var (row, lastRow) = (model.HiddenSize, queries * model.HeadDimension);
        return checked(new(
            ((queries + shared) * mixture.QueryKey.In(row)) + (shared * mixture.Value.In(row)) + (queries * mixture.Output.In(lastRow)),
            2 * (queries + shared) * Weights));
    }

    /// <param name="mixture">What the file is called by.</param>
    /// <param name="row">Elements in a row of the first two of three matrices.</param>
    /// <param name="lastRow">Elements in a row of the third.</param>
    private static Ratio FeedForward(GgufMixture mixture, long row, long lastRow) => new((2 * mixture.GateUp.In(row)) + mixture.Down.In(lastRow), 3 * Weights);
}
