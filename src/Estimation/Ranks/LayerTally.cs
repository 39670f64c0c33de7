namespace GpuMem.Estimation.Ranks;

/// <summary>Parameters of one layer on one rank, by kind of layer. Norms, biases of row-parallel layers, routers and latent projections are whole on every rank.</summary>
internal static class LayerTally
{
    public static ParameterTally Of(ModelArchitecture model, in RankShape shape, LayerKind kind) => checked(kind switch
    {
        LayerKind.Experts => Attention(model, shape, model.NormsPerLayer) + Mixture(model, shape),
        LayerKind.StateSpace => Recurrence(model, shape, model.NormsPerLayer) + FeedForward(model, shape.Hidden, shape.FeedForward, model.FeedForwardBias),
        LayerKind.Dense when model.EncoderLayers > 0 => Plain(model, shape) + Attention(model, shape, norms: 1),
        _ => Plain(model, shape),
    });

    /// <summary>All layers of a stage, and the largest of them.</summary>
    public static (ParameterTally Sum, ParameterTally Largest) Of(ModelArchitecture model, in PipelineStage stage, in RankShape shape, in LayerCounts counts)
    {
        if (model.Parts is { } parts)
            return PartsTally.Of(parts, stage, shape);
        var (sum, largest) = (default(ParameterTally), default(ParameterTally));
        for (var kind = LayerKind.Dense; kind <= LayerKind.StateSpace; kind++)
        {
            if (counts[kind] is not (> 0 and var count))
                continue;
            var layer = Of(model, shape, kind);
            sum += layer * count;
            if (layer.Total > largest.Total)
                largest = layer;
        }
        return (sum, largest);
    }

    /// <summary>One routed expert.</summary>
    public static ParameterTally Expert(ModelArchitecture model, in RankShape shape) =>
        FeedForward(model, shape.Hidden, shape.ExpertSize, model.Experts is { ExpertBias: true });

    /// <summary>Norms of both inputs and of the output, the matrix that joins the inputs, and one layer (DeepSeek-V3, arXiv 2412.19437, section 2.2).</summary>
    public static ParameterTally PredictionModule(ModelArchitecture model, in RankShape shape) =>
        ParameterTally.Vector(Norms(model, 3)) + ParameterTally.Matrix(2 * model.HiddenSize, model.HiddenSize)
            + (model.Parts is { } parts ? PartsTally.Of(parts.Layers[^1], shape) : Of(model, shape, model.Experts is null ? LayerKind.Dense : LayerKind.Experts));

    /// <summary>Weights, and biases where norms have them.</summary>
    public static long Norms(ModelArchitecture model, int count) =>
        checked(count * (model.Normalization == Normalization.LayerNorm ? 2 * model.HiddenSize : model.HiddenSize));

    private static ParameterTally Plain(ModelArchitecture model, in RankShape shape) =>
        Attention(model, shape, model.NormsPerLayer) + FeedForward(model, shape.Hidden, shape.FeedForward, model.FeedForwardBias);

    /// <summary>One attention, with so many norms of its layer.</summary>
    public static ParameterTally Attention(ModelArchitecture model, in RankShape shape, int norms = 0)
    {
        checked
        {
            var (hidden, query, keyValue) = (shape.Hidden, shape.Query, shape.KeyValue);
            var biases = (model.QueryKeyValueBias ? query + (2 * keyValue) : 0) + (model.AttentionOutputBias ? hidden : 0);
            var vectors = biases + (model.AttentionSinks ? shape.Heads : 0) + QueryKeyNorms(model, shape) + Norms(model, norms);
            if (model.Latent is { } latent)
                return LatentProjections(latent, shape) + ParameterTally.Matrix(shape.AttentionOutput, hidden) + ParameterTally.Vector(vectors);

            // Queries, keys, values and output all have the hidden size on one side.
            var others = query + (2 * keyValue) + shape.AttentionOutput;
            return ParameterTally.Linear(hidden * others, (4 * hidden) + others, vectors);
        }
    }

    private static ParameterTally LatentProjections(LatentAttention latent, in RankShape shape)
    {
        checked
        {
            var queries = latent.QueryRank == 0
                ? ParameterTally.Matrix(shape.Hidden, shape.Query)
                : ParameterTally.Matrix(shape.Hidden, latent.QueryRank) + ParameterTally.Vector(latent.QueryRank) + ParameterTally.Matrix(latent.QueryRank, shape.Query);
            var keysAndValues = shape.Heads * ((long)latent.PlainHeadDimension + latent.ValueHeadDimension);
            return queries
                + ParameterTally.Matrix(shape.Hidden, latent.CachedWidth)
                + ParameterTally.Vector(latent.KeyValueRank)
                + ParameterTally.Matrix(latent.KeyValueRank, keysAndValues);
        }
    }

    private static long QueryKeyNorms(ModelArchitecture model, in RankShape shape) => model.QueryKeyNormalization switch
    {
        QueryKeyNormalization.PerHead => 2 * model.HeadDimension,
        QueryKeyNormalization.FullWidth => checked(shape.Query + shape.KeyValue),
        _ => 0,
    };

    private static ParameterTally Mixture(ModelArchitecture model, in RankShape shape)
    {
        checked
        {
            var mixture = model.Experts!;
            var experts = Expert(model, shape) * shape.Experts;
            var router = ParameterTally.Matrix(shape.Hidden, mixture.Count) + ParameterTally.Vector(mixture.RouterBias ? mixture.Count : 0);
            var shared = mixture.SharedSize == 0 ? default : FeedForward(model, shape.Hidden, shape.SharedSize, biases: false);
            var gate = mixture.SharedGate ? ParameterTally.Matrix(shape.Hidden, 1) : default;
            return experts with { Experts = new ExpertPart(experts.Total, experts.Vectors, experts.RowsAndColumns) } + router + shared + gate;
        }
    }

    public static ParameterTally FeedForward(ModelArchitecture model, long hidden, long width, bool biases)
    {
        checked
        {
            if (width == 0)
                return default;
            var matrices = model.GatedFeedForward ? 3 : 2;
            return ParameterTally.Linear(matrices * hidden * width, matrices * (hidden + width), biases ? ((matrices - 1) * width) + hidden : 0);
        }
    }

    /// <summary>Mamba-2 (arXiv 2405.21060, section 7): one matrix in, a convolution, decay, skip and step size per head, a gated norm, one matrix out.</summary>
    public static ParameterTally Recurrence(ModelArchitecture model, in RankShape shape, int norms = 0)
    {
        checked
        {
            var states = model.StateSpace!;
            var heads = Ratio.DivideUp(states.Heads, shape.Tensor);
            var channels = shape.InnerSize + (2L * states.Groups * states.StateSize);
            var width = shape.InnerSize + channels + heads;
            var biases = (states.ConvolutionBias ? channels : 0) + (states.ProjectionBias ? width + shape.Hidden : 0);
            var vectors = (channels * states.ConvolutionSize) + (3 * heads) + shape.InnerSize + biases + Norms(model, norms);
            return ParameterTally.Linear(shape.Hidden * (width + shape.InnerSize), (2 * shape.Hidden) + width + shape.InnerSize, vectors);
        }
    }
}
