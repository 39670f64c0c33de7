namespace GpuMem.Estimation.States;

/// <summary>GaLore (arXiv 2403.03507): Adam in the projection of each matrix's gradient, ordinary Adam on everything else.</summary>
internal static class GaLoreState
{
    /// <summary>Elements of projectors and projected moments of one dense block: for a matrix m × n with m ≤ n, m·r + 2·n·r.</summary>
    public static long ElementsPerLayer(ModelArchitecture model, in RankShape shape, long rank)
    {
        var (hidden, query, keyValue, width) = (shape.Hidden, shape.Query, shape.KeyValue, shape.FeedForward);
        var feedForwardMatrices = model.GatedFeedForward ? 3 : 2;
        return checked((2 * Matrix(hidden, query, rank)) + (2 * Matrix(hidden, keyValue, rank)) + (feedForwardMatrices * Matrix(hidden, width, rank)));
    }

    /// <summary>Of one rank: no more than plain Adam, whose moments a projection of full rank replaces. Routed experts and adapters count as plain Adam.</summary>
    /// <param name="trained">What is trained, as it is worth when divided over ranks.</param>
    public static Formula Of(in RankContext rank, in ParameterTally trained)
    {
        checked
        {
            var plain = 2 * trained.Matrices;
            var projected = rank.IsAdapted || rank.Model.Experts is not null
                ? plain
                : Math.Min(plain, ElementsPerLayer(rank.Model, rank.Shape, rank.Training.OptimizerRank) * rank.Stage.Layers);
            return new Formula(
                "β · (projectors + projected moments + 2 · N_rest)",
                "GaLore, arXiv 2403.03507",
                new(rank.Recipe.Moment, projected + (2 * (trained.Total - trained.Matrices))));
        }
    }

    private static long Matrix(long rows, long columns, long rank)
    {
        var (shorter, longer) = (Math.Min(rows, columns), Math.Max(rows, columns));
        return checked(Math.Min(rank, shorter) * (shorter + (2 * longer)));
    }
}
