namespace GpuMem.Estimation.Ranks;

/// <summary>Parameters of one rank by kind, because quantisation, sharding and some optimizers treat the kinds differently.</summary>
/// <param name="Total">All of them; what no other kind counts is the output matrix.</param>
/// <param name="Matrices">Weights of linear layers inside blocks.</param>
/// <param name="Vectors">Norms and biases.</param>
/// <param name="Embedding">Input embedding and tables of positions and segments.</param>
/// <param name="RowsAndColumns">Sum of rows and columns over all matrices: the size of a factored second moment (arXiv 1804.04235).</param>
/// <param name="Experts">The routed experts' part of it; expert parallelism leaves them fewer replicas.</param>
internal readonly record struct ParameterTally(long Total, long Matrices, long Vectors, long Embedding, long RowsAndColumns, ExpertPart Experts = default)
{
    /// <summary>What one pipeline stage holds on one tensor-parallel rank.</summary>
    public static ParameterTally Of(ModelArchitecture model, in PipelineStage stage, in RankShape shape) =>
        LayerTally.Of(model, stage, shape, LayerCounts.Of(model, stage)).Sum + Ends(model, stage, shape);

    public static ParameterTally Matrix(long rows, long columns) => Linear(checked(rows * columns), checked(rows + columns));

    /// <summary>Linear layers: all their matrices at once, and the vectors beside them.</summary>
    public static ParameterTally Linear(long weights, long rowsAndColumns, long vectors = 0) => new(checked(weights + vectors), weights, vectors, 0, rowsAndColumns);

    public static ParameterTally Vector(long length) => new(length, 0, length, 0, 0);

    /// <summary>The same without the output matrix.</summary>
    public ParameterTally WithoutHead => this with { Total = checked(Matrices + Vectors + Embedding) };

    public static ParameterTally operator +(in ParameterTally a, in ParameterTally b) => checked(new(
        a.Total + b.Total, a.Matrices + b.Matrices, a.Vectors + b.Vectors, a.Embedding + b.Embedding, a.RowsAndColumns + b.RowsAndColumns, a.Experts + b.Experts));

    public static ParameterTally operator *(in ParameterTally one, long count) => checked(new(
        one.Total * count, one.Matrices * count, one.Vectors * count, one.Embedding * count, one.RowsAndColumns * count, one.Experts * count));

    /// <summary>What lies before the first and after the last layer.</summary>
    public static ParameterTally Ends(ModelArchitecture model, in PipelineStage stage, in RankShape shape)
    {
        if (model.Parts is { } parts)
            return PartsTally.Ends(parts, stage, shape);
        checked
        {
            var ends = stage.IsFirst ? Table(shape.Vocabulary, shape.Hidden) : default;
            if (stage.IsFirst && model is not { LearnedPositions: 0, TokenTypes: 0, RelativePositionBuckets: 0, EmbeddingNorm: false })
            {
                ends += Table(model.LearnedPositions, shape.Hidden) + Table(model.TokenTypes, shape.Hidden);
                ends += Table(model.RelativePositionBuckets, shape.Heads) * (model.EncoderLayers > 0 ? 2 : 1);
                ends += Vector(LayerTally.Norms(model, model.EmbeddingNorm ? 1 : 0));
            }

            if (stage.IsLast)
            {
                // With a pipeline, the last stage keeps a copy of a tied embedding.
                var head = !model.TiedEmbeddings || !stage.IsFirst ? Table(shape.Vocabulary, shape.Hidden) : default;
                var vectors = LayerTally.Norms(model, model.FinalNorm ? model.EncoderLayers > 0 ? 2 : 1 : 0) + (model.HeadBias ? shape.Vocabulary : 0);
                ends += head with { Total = head.Total + vectors, Embedding = 0, Vectors = vectors };
                if (model.Pooler)
                    ends += Matrix(shape.Hidden, shape.Hidden) + Vector(shape.Hidden);
            }
            return ends;
        }
    }

    private static ParameterTally Table(long rows, long columns) => rows == 0 ? default : checked(new(rows * columns, 0, 0, rows * columns, rows + columns));
}
