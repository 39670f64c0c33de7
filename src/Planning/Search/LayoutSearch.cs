using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>
/// Holds a job against pools with every field that its author left open: tries the values, and keeps what the objective prefers among what fits.
/// What is closed is one layout, whose data parallel size <see cref="PoolFit"/> chooses.
/// </summary>
/// <remarks>
/// Layouts are tried in the order of what the objective makes of them at their best, until none that is left can be better than what was found. Each is
/// tried with its least needy settings first; where those do not fit for sure, none of its others does.
/// </remarks>
internal sealed class LayoutSearch
{
    private readonly PlanRequest _request;
    private readonly LayoutOrder _order;
    private readonly JobFacts _facts;
    private readonly PoolFit? _closed;
    private readonly Dictionary<int, IReadOnlyList<Layout>> _layouts = [];
    private readonly Dictionary<(string Product, int GpusPerNode, int Linked, bool IsPriced), IReadOnlyList<(Layout Layout, PlacementCost Best)>> _ranked = [];

    public LayoutSearch(PlanRequest request)
    {
        (_request, _order, _facts) = (request, new LayoutOrder(request.Objective), new JobFacts(request.Job));
        if ((request.Open & ~OpenFields.Data) == OpenFields.None)
            _closed = new PoolFit(request, _facts);
    }

    /// <returns>Null when the job can be in no way; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        if (_closed is not null)
            return _closed.Evaluate(pool, out problems);
        problems = [];
        var (found, layout) = Within(pool);
        if (found is null || (pool.MayGrow && (found.IsGuess || found.Verdict.Rejects())))
            found = Anyhow(LayoutsFor(pool), pool, out problems);
        else if (found.Verdict.Rejects())
            found = Anyhow([layout!], pool, out _);
        return found is null ? null : found with { Open = _request.Open };
    }

    /// <summary>The best on GPUs that there are; null when the pool has too few for every layout.</summary>
    private (Candidate? Best, Layout? Layout) Within(Pool pool)
    {
        var (best, of) = (default(Candidate), default(Layout));
        foreach (var (layout, atBest) in RankedFor(pool))
        {
            if (best is { Verdict: Verdict.Fits } && !((ICandidate)best).Waits && !_order.MayBeBetter(OnAll(atBest, pool), best))
                break;
            if (layout.LeastNeedy(pool) is not { } least)
                continue;
            var better = Better(best, least.Verdict == Verdict.Fits ? BestOf(layout, pool, Better(best, least)) : least);
            (best, of) = (better, ReferenceEquals(better, best) ? of : layout);
        }

        return (best, of);
    }

    /// <summary>Where there is no room on the GPUs that there are: what would do on more of them, or comes nearest.</summary>
    private Candidate? Anyhow(IReadOnlyList<Layout> layouts, Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        var (best, stranding) = (default(Candidate), default(Candidate));
        foreach (var layout in layouts)
        {
            if (layout.Anyhow(pool, out var isSold, out var here) is not { } candidate)
                problems = problems.Count == 0 ? here : problems;
            else if (isSold)
                best = Better(best, candidate);
            else
                stranding = Better(stranding, candidate);
        }

        return best ?? stranding;
    }

    private Candidate BestOf(Layout layout, Pool pool, Candidate best)
    {
        foreach (var other in layout.Others)
        {
            if ((best.Verdict != Verdict.Fits || ((ICandidate)best).Waits || (other.AtBest(pool) is { } atBest && _order.MayBeBetter(atBest, best))) && other.Within(pool, out _) is { } candidate)
                best = Better(best, candidate);
        }

        return best;
    }

    private Candidate Better(Candidate? best, Candidate other) => best is null || _order.Compare(other, best) < 0 ? other : best;

    /// <summary>The fastest takes all that there is.</summary>
    private PlacementCost OnAll(PlacementCost atBest, Pool pool)
    {
        if (_request.Objective != Objective.Fastest)
            return atBest with { Hourly = pool.PricePerGpuHour * atBest.Gpus };
        var times = Math.Max(1, (double)GpuCounts.Capacity(pool, _request.GpusPerNode) / atBest.Gpus);
        return atBest with { TokensPerSecond = atBest.TokensPerSecond * times, Gpus = (long)(atBest.Gpus * times) };
    }

    private IReadOnlyList<(Layout Layout, PlacementCost Best)> RankedFor(Pool pool)
    {
        var kind = (pool.Product, pool.GpusPerNode, LargestTensor(pool), pool.PricePerGpuHour is not null);
        if (!_ranked.TryGetValue(kind, out var ranked))
        {
            // Of pools of one kind any price orders the same.
            var unit = pool with { PricePerGpuHour = pool.PricePerGpuHour is null ? null : 1 };
            _ranked[kind] = ranked = [.. LayoutsFor(pool)
                .Select(layout => (Layout: layout, Best: layout.AtBest(unit)))
                .Where(pair => pair.Best is not null)
                .Select(pair => (pair.Layout, Best: pair.Best!.Value))
                .OrderBy(pair => pair.Best, Comparer<PlacementCost>.Create(ByEach))];
        }

        return ranked;
    }

    /// <summary>Speed counts for each GPU, as there may be any number of them.</summary>
    private int ByEach(PlacementCost x, PlacementCost y) => _request.Objective == Objective.Fastest
        ? (x with { TokensPerSecond = x.TokensPerSecond / x.Gpus }).CompareTo(y with { TokensPerSecond = y.TokensPerSecond / y.Gpus }, Objective.Fastest)
        : x.CompareTo(y, _request.Objective);

    private IReadOnlyList<Layout> LayoutsFor(Pool pool)
    {
        var largest = LargestTensor(pool);
        if (!_layouts.TryGetValue(largest, out var layouts))
            _layouts[largest] = layouts = [.. Layout.All(_request, largest, _facts)];
        return layouts;
    }

    /// <summary>No field but the tensor parallel size depends on the GPUs.</summary>
    private int LargestTensor(Pool pool) => _request.Open.HasFlag(OpenFields.Tensor) ? pool.NvLinkGroup : 1;
}
