using GpuMem.Estimation.Models;

namespace GpuMem.Estimation.Ranks;

/// <summary>Parameters of one rank by kind, because quantisation and some optimizers treat the kinds differently.</summary>
/// <param name="Total">All of them; what no other kind counts is the output matrix.</param>
/// <param name="Matrices">Weights of linear layers inside blocks.</param>
/// <param name="Vectors">Norms and biases.</param>
/// <param name="Embedding">Input embedding and learned positions.</param>
/// <param name="RowsAndColumns">Sum of rows and columns over all matrices: the size of a factored second moment (arXiv 1804.04235).</param>
internal readonly record struct ParameterTally(long Total, long Matrices, long Vectors, long Embedding, long RowsAndColumns)
{
    /// <summary>What one block holds.</summary>
    public static ParameterTally OfLayer(ModelArchitecture model, in RankShape shape)
    {
        checked
        {
            var (hidden, query, keyValue, width) = (shape.Hidden, shape.Query, shape.KeyValue, shape.FeedForward);
            var feedForwardMatrices = model.GatedFeedForward ? 3 : 2;
            var matrices = (2 * hidden * query) + (2 * hidden * keyValue) + (feedForwardMatrices * hidden * width);
            var rowsAndColumns = (2 * (hidden + query)) + (2 * (hidden + keyValue)) + (feedForwardMatrices * (hidden + width));

            // Norms and biases of row-parallel layers are replicated on every tensor-parallel rank.
            var vectors = model.NormsPerLayer * NormSize(model);
            if (model.QueryKeyValueBias)
                vectors += query + (2 * keyValue);
            if (model.AttentionOutputBias)
                vectors += hidden;
            if (model.FeedForwardBias)
                vectors += ((feedForwardMatrices - 1) * width) + hidden;
            vectors += model.QueryKeyNormalization switch
            {
                QueryKeyNormalization.PerHead => 2 * model.HeadDimension,
                QueryKeyNormalization.FullWidth => query + keyValue,
                _ => 0,
            };
            return new ParameterTally(matrices + vectors, matrices, vectors, 0, rowsAndColumns);
        }
    }

    /// <summary>What one pipeline stage holds on one tensor-parallel rank.</summary>
    public static ParameterTally Of(ModelArchitecture model, in PipelineStage stage, in RankShape shape)
    {
        checked
        {
            var layer = OfLayer(model, shape);
            var (matrices, vectors, rowsAndColumns) = (layer.Matrices * stage.Layers, layer.Vectors * stage.Layers, layer.RowsAndColumns * stage.Layers);
            var (embedding, head) = (0L, 0L);
            if (stage.IsFirst)
            {
                embedding = (shape.Vocabulary + model.LearnedPositions) * shape.Hidden;
                rowsAndColumns += shape.Vocabulary + shape.Hidden + (model.LearnedPositions > 0 ? model.LearnedPositions + shape.Hidden : 0);
                vectors += model.EmbeddingNorm ? NormSize(model) : 0;
            }

            if (stage.IsLast)
            {
                // With a pipeline, the last stage keeps a copy of a tied embedding.
                var separateHead = !model.TiedEmbeddings || !stage.IsFirst;
                head = separateHead ? shape.Vocabulary * shape.Hidden : 0;
                rowsAndColumns += separateHead ? shape.Vocabulary + shape.Hidden : 0;
                vectors += NormSize(model) + (model.HeadBias ? shape.Vocabulary : 0);
            }

            return new ParameterTally(matrices + vectors + embedding + head, matrices, vectors, embedding, rowsAndColumns);
        }
    }

    public static ParameterTally operator +(in ParameterTally a, in ParameterTally b) => checked(new(
        a.Total + b.Total, a.Matrices + b.Matrices, a.Vectors + b.Vectors, a.Embedding + b.Embedding, a.RowsAndColumns + b.RowsAndColumns));

    private static long NormSize(ModelArchitecture model) => model.Normalization == Normalization.LayerNorm ? 2 * model.HiddenSize : model.HiddenSize;
}
