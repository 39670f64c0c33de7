namespace GpuMem.Planning;

/// <summary>The best candidate first: what fits before what may not, then by the objective, then the one with more room.</summary>
internal sealed class CandidateOrder(Objective objective) : IComparer<ICandidate>
{
    public int Compare(ICandidate? x, ICandidate? y)
    {
        if (x is null || y is null)
            return Comparer<object>.Default.Compare(x, y);
        var order = ByFit(x, y);
        if (order == 0)
            order = PlacementCost.Of(x).CompareTo(PlacementCost.Of(y), objective);
        if (order == 0)
            order = x.Nodes.CompareTo(y.Nodes);
        if (order == 0)
            order = y.Pool.UsableMemory.GetValueOrDefault().CompareTo(x.Pool.UsableMemory.GetValueOrDefault());
        return order != 0 ? order : string.CompareOrdinal(x.Pool.Name, y.Pool.Name);
    }

    /// <summary>By whether there is room for it, whatever the objective.</summary>
    public static int ByFit(ICandidate x, ICandidate y)
    {
        var order = ((int)x.Verdict).CompareTo((int)y.Verdict);
        if (order == 0)
            order = (x.GpusShort > 0).CompareTo(y.GpusShort > 0);
        if (order == 0 && x.Verdict == Verdict.AtRisk)
            order = y.IsExpectedToFit.CompareTo(x.IsExpectedToFit);
        if (order == 0 && !x.Verdict.Rejects())
            order = x.Waits.CompareTo(y.Waits);
        if (order == 0 && x.Verdict.Rejects())
            order = x.Short.GetValueOrDefault().CompareTo(y.Short.GetValueOrDefault());
        return order;
    }

    /// <summary>The least first; what has no price comes after what has one.</summary>
    public static int ByPrice(decimal? x, decimal? y) => (x, y) switch
    {
        ({ } a, { } b) => a.CompareTo(b),
        ({ }, null) => -1,
        (null, { }) => 1,
        _ => 0,
    };
}
