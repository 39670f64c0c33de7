namespace GpuMem.Estimation.Buffers;

/// <summary>
/// What Transformer Engine and Megatron's output matrix hand to autograd in place of a gradient that was added to the main gradients already: one
/// 16-bit tensor for each shape that a weight has, kept for good (transformer_engine/pytorch/module/base.py, get_dummy_wgrad).
/// </summary>
internal static class PlaceholderGradients
{
    private const int MostShapes = 16;

    /// <summary>In bytes; 0 where weights are frozen.</summary>
    public static long Of(in RankContext rank)
    {
        if (rank.IsAdapted)
            return 0;
        Span<(long Rows, long Columns)> shapes = stackalloc (long, long)[MostShapes];
        var (model, shape, count) = (rank.Model, rank.Shape, 0);
        if (rank.Kinds.Dense + rank.Kinds.Experts + rank.Kinds.Encoder > 0)
            Attention(model, shape, shapes, ref count);
        if (rank.Kinds.Dense + rank.Kinds.Encoder > 0)
            FeedForward(model, shape.Hidden, shape.FeedForward, shapes, ref count);
        if (rank.Kinds.Experts > 0)
        {
            FeedForward(model, shape.Hidden, shape.ExpertSize, shapes, ref count);
            FeedForward(model, shape.Hidden, shape.SharedSize, shapes, ref count);
        }

        if (rank.Stage.IsLast)
            Add(shape.Vocabulary, shape.Hidden, shapes, ref count);
        var weights = 0L;
        foreach (var (rows, columns) in shapes[..count])
            weights = checked(weights + (rows * columns));
        return checked(rank.Recipe.Compute * weights);
    }

    private static void Attention(ModelArchitecture model, in RankShape shape, Span<(long Rows, long Columns)> shapes, ref int count)
    {
        Add(shape.Hidden, shape.AttentionOutput, shapes, ref count);
        if (model.Latent is not { } latent)
        {
            Add(checked(shape.Query + (2 * shape.KeyValue)), shape.Hidden, shapes, ref count);
            return;
        }

        Add(shape.Query, latent.QueryRank == 0 ? shape.Hidden : latent.QueryRank, shapes, ref count);
        Add(latent.QueryRank, shape.Hidden, shapes, ref count);
        Add(latent.CachedWidth, shape.Hidden, shapes, ref count);
        Add(checked(shape.Heads * ((long)latent.PlainHeadDimension + latent.ValueHeadDimension)), latent.KeyValueRank, shapes, ref count);
    }

    /// <summary>Gate and up are one matrix.</summary>
    private static void FeedForward(ModelArchitecture model, long hidden, long width, Span<(long Rows, long Columns)> shapes, ref int count)
    {
        Add(checked((model.GatedFeedForward ? 2 : 1) * width), hidden, shapes, ref count);
        Add(hidden, width, shapes, ref count);
    }

    private static void Add(long rows, long columns, Span<(long Rows, long Columns)> shapes, ref int count)
    {
        if (rows > 0 && columns > 0 && !shapes[..count].Contains((rows, columns)))
            shapes[count++] = (rows, columns);
    }
}
