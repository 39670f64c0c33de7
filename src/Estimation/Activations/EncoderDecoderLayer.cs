namespace GpuMem.Estimation.Activations;

/// <summary>
/// Bytes per token that a layer of T5 saves, read operation by operation in huggingface/transformers models/t5/modeling_t5.py of release 5 and
/// compared with real steps (hack/oracle.sh). Scores are in the open: its attention has no kernel.
/// </summary>
internal static class EncoderDecoderLayer
{
    /// <param name="rank">The rank.</param>
    /// <param name="kind">An encoder's layer, or a decoder's, which attends to the encoder, too.</param>
    /// <param name="stream">Bytes of an element between modules.</param>
    /// <param name="scores">Bytes per token of one attention's scores.</param>
    public static TokenBytes Saved(in RankContext rank, LayerKind kind, int stream, long scores)
    {
        checked
        {
            var (model, shape, compute) = (rank.Model, rank.Shape, rank.Recipe.Compute);
            var attentions = kind == LayerKind.Encoder ? 1 : 2;
            var norms = attentions + 1;

            // Autocast casts the inputs of each product: of queries, keys and values apart, keys and values of the encoder's result, and of gate and up.
            var products = stream == compute ? norms : (3 * attentions) + (model.GatedFeedForward ? 2 : 1);
            var mask = model.HiddenDropout ? 1 : 0;
            var hidden = (norms * (Norm + mask)) + (products * compute);
            return new TokenBytes((hidden * shape.Hidden) + (4 * norms), (attentions * ((4 * compute * shape.Query) + scores)) + (Width(rank, stream, mask) * shape.FeedForward));
        }
    }

    /// <summary>The last norm of each stack, its dropout and its result, and the dropout of each embedding.</summary>
    public static TokenBytes Last(in RankContext rank, int stream)
    {
        var mask = rank.Model.HiddenDropout ? 1 : 0;
        return new(checked((((2 * (Norm + mask)) + stream + rank.Recipe.Compute + (2 * mask)) * rank.Shape.Hidden) + 8), 0);
    }

    /// <summary>
    /// Positions of all pairs as eight bytes, once for each stack; the tables of biases made from them for every head, of both stacks and of the attention
    /// between them, are inputs of every checkpoint.
    /// </summary>
    public static Formula Positions(in RankContext rank)
    {
        var (stacks, length) = ((rank.Kinds.Encoder > 0 ? 1 : 0) + (rank.Kinds.Dense > 0 ? 1 : 0), rank.Training.SequenceLength);
        var tables = rank.Training.Recompute == Recompute.Full ? (rank.Kinds.Encoder > 0 ? 1 : 0) + (rank.Kinds.Dense > 0 ? 2 : 0) : 0;
        return new(
            tables == 0 ? "8 · s², positions of pairs" : "8 · s², positions of pairs + β · heads · s², their biases",
            "huggingface/transformers models/t5/modeling_t5.py, compute_bias",
            new(8 * stacks, length, length),
            new(tables * (rank.CastsWeights ? 4 : rank.Recipe.Compute) * rank.Shape.Heads, tables == 0 ? 0 : length, length));
    }

    /// <summary>The input for its square and for its product, and the product; in 16 bits the fp32 cast of the input, the input, and the product's cast.</summary>
    private const int Norm = 8;

    /// <summary>Of each element of the width; dropout stands before the last matrix.</summary>
    private static int Width(in RankContext rank, int stream, int mask)
    {
        var (model, compute) = (rank.Model, rank.Recipe.Compute);
        var result = model.Activation == ActivationFunction.Composed ? stream : compute;
        var inside = model.Activation switch
        {
            // The input, its half, tanh and 1 + tanh; autocast computes powers in fp32.
            ActivationFunction.Composed => stream > compute ? 14 : 4 * compute,
            ActivationFunction.OneKernel => compute,
            _ => 0,
        };
        var gated = model.GatedFeedForward ? result + compute : model.Activation == ActivationFunction.ReLU && mask > 0 ? compute : 0;
        return inside + gated + mask + compute;
    }
}
