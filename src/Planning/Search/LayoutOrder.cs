namespace GpuMem.Planning.Search;

/// <summary>Of the layouts of one job on one pool, the best first: what fits before what may not, then by the objective, then the faster and simpler one.</summary>
internal sealed class LayoutOrder(Objective objective) : IComparer<Candidate>
{
    public int Compare(Candidate? x, Candidate? y)
    {
        if (x is null || y is null)
            return Comparer<object>.Default.Compare(x, y);
        var order = CandidateOrder.ByFit(x, y);
        // By how much it is too large nobody knows where the memory is not known but for what it is at the most.
        if (order == 0 && x.Verdict.Rejects() && x.Short is null)
            order = x.Estimate.Expected.CompareTo(y.Estimate.Expected);
        if (order == 0)
            order = PlacementCost.Of(x).CompareTo(PlacementCost.Of(y), objective);
        if (order == 0)
            order = x.Nodes.CompareTo(y.Nodes);
        if (order == 0)
            order = Nullable.Compare(y.TokensPerSecond, x.TokensPerSecond);
        return order != 0 ? order : Simplicity(x).CompareTo(Simplicity(y));
    }

    /// <summary>Whether a layout that takes this in its best case may come before one that fits.</summary>
    public bool MayBeBetter(PlacementCost bound, Candidate best) => bound.CompareTo(PlacementCost.Of(best), objective) <= 0;

    private static (int, int, int, int, int, int, long) Simplicity(Candidate candidate)
    {
        var (layout, training) = (candidate.Job.Parallelism, candidate.Job.Training);
        return (layout.Pipeline, layout.Tensor, layout.Context, layout.Expert, (int)training.Recompute, (int)layout.Sharding, -training.MicroBatchSize);
    }
}
