using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>
/// Holds a job against pools with every field that its author left open: tries the values, and keeps what the objective prefers among what fits.
/// What is closed is one layout, whose data parallel size <see cref="PoolFit"/> chooses.
/// </summary>
/// <remarks>
/// Of each layout the fewest GPUs are looked for on which it fits with any settings. Those that do are tried in the order of what the objective makes of
/// them in the best case there, until none that is left can be better than what was found. What that case is on any number of GPUs is known without an
/// estimate, so most layouts are never estimated. Pools that differ in size alone share that order, and what was found for a larger one.
/// </remarks>
internal sealed class LayoutSearch
{
    private readonly PlanRequest _request;
    private readonly LayoutOrder _order;
    private readonly JobFacts _facts;
    private readonly PoolFit? _closed;
    private readonly long _largest;
    private readonly Lazy<IReadOnlyList<Layout>> _layouts;
    private readonly Dictionary<PoolCard, FittingLayouts> _fitting = [];
    private readonly Dictionary<PoolCard, bool> _mayBeExpected = [];
    private readonly Dictionary<Pool, (Candidate? Candidate, IReadOnlyList<JobProblem> Problems)> _known = [];

    /// <param name="request">The job.</param>
    /// <param name="pools">Those that it will be held against.</param>
    public LayoutSearch(PlanRequest request, IReadOnlyList<Pool> pools)
    {
        (_request, _order, _facts) = (request, new LayoutOrder(request.Objective), new JobFacts(request.Job));
        foreach (var pool in pools)
            _largest = Math.Max(_largest, GpuCounts.Capacity(pool, request.GpusPerNode));
        _layouts = new(() => Layout.All(request, pools.Max(LargestTensor), _facts));
        if ((request.Open & ~OpenFields.Data) == OpenFields.None)
            _closed = new PoolFit(request, _facts);
    }

    /// <returns>Null when the job can be in no way; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        if (_closed is not null)
            return _closed.Evaluate(pool, out problems);

        // On pools of one kind any price orders the same.
        var kind = pool with { Name = "", PricePerGpuHour = pool.PricePerGpuHour is > 0 ? 1 : pool.PricePerGpuHour };
        if (!_known.TryGetValue(kind, out var known))
            _known[kind] = known = (Choose(kind, out problems), problems);
        problems = known.Problems;
        return known.Candidate is null ? null : known.Candidate with { Pool = pool, Open = _request.Open };
    }

    /// <summary>As <see cref="Evaluate"/> for who asks only for what is expected to fit: of all else something may be left out, or null.</summary>
    public Candidate? ExpectedOn(Pool pool)
    {
        if (_closed is not null)
            return _closed.ExpectedOn(pool);
        return pool.MayGrow || MayBeExpectedToFit(pool) ? Evaluate(pool, out _) : null;
    }

    /// <summary>The job can be in some way on some of the pools.</summary>
    public bool IsPossible(IReadOnlyList<Pool> pools) =>
        pools.Any(pool => _closed is not null ? _closed.Evaluate(pool, out _) is not null : LayoutsFor(pool).Any(layout => layout.IsValid(pool, _largest)));

    private Candidate? Choose(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (BestThatFits(pool) is { } fits)
            return fits;
        var (nearest, layout) = Nearest(pool);
        if (nearest is null || (pool.MayGrow && (nearest.IsGuess || nearest.Verdict.Rejects())))
            return Anyhow(LayoutsFor(pool), pool, out problems);
        return nearest.Verdict.Rejects() ? Anyhow([layout!], pool, out _) : nearest;
    }

    /// <summary>The best of what fits for sure on GPUs that there are; null when nothing does.</summary>
    private Candidate? BestThatFits(Pool pool)
    {
        if (!MayBeExpectedToFit(pool))
            return null;
        var (best, of, setting, free) = (default(Candidate), default(FittingLayout), 0, pool.FreeNow);
        var capacity = _request.DataIsAuto ? GpuCounts.Capacity(pool, _request.GpusPerNode) : long.MaxValue;
        var fitting = FittingOn(pool);
        if (fitting.FoundFor(pool, Math.Min(free, capacity)) is { } known)
            return known;
        for (var i = 0; fitting.Next(i, IsOfInterest) is { } layout; i++)
        {
            if (!IsOfInterest(layout.AtBest))
                break;
            if (layout.Least > capacity || !MayBeBetter(layout.AtBest))
                continue;
            foreach (var (candidate, with) in layout.On(pool, capacity, MayBeBetter))
            {
                if (best is null || _order.Compare(candidate, best) < 0)
                    (best, of, setting) = (candidate, layout, with);
            }
        }

        if (of is not null && best is ICandidate { Waits: false })
            fitting.Remember(best, of, setting, Math.Min(free, capacity));
        return best;

        // What can start now comes before what waits, whatever it takes.
        bool MayBeBetter(PlacementCost bound) => best is null || (((ICandidate)best).Waits && bound.Gpus <= free) || _order.MayBeBetter(OnAll(bound, pool, capacity), best);

        bool IsOfInterest(PlacementCost bound) => best is null || ((ICandidate)best).Waits || _order.MayBeBetter(OnAll(bound, pool, capacity), best);
    }

    /// <summary>Where nothing fits for sure on the GPUs that there are: what may, or comes nearest. Null when the pool has too few for every layout.</summary>
    private (Candidate? Nearest, Layout? Layout) Nearest(Pool pool)
    {
        var (best, of) = (default(Candidate), default(Layout));
        foreach (var layout in LayoutsFor(pool))
        {
            if (layout.Nearest(pool, best) is { } candidate && (best is null || _order.Compare(candidate, best) < 0))
                (best, of) = (candidate, layout);
        }

        return (best, of);
    }

    /// <summary>Where there is no room on the GPUs that there are: what would do on more of them, or comes nearest.</summary>
    private Candidate? Anyhow(IEnumerable<Layout> layouts, Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = _layouts.Value.Count > 0 ? [] : [new JobProblem("placement.gpusPerNode", $"no layout over data {_request.Job.Parallelism.Data} makes pods of {_request.GpusPerNode} GPUs; set parallelism.data to Auto, or give another size")];
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

    private Candidate Better(Candidate? best, Candidate other) => best is null || _order.Compare(other, best) < 0 ? other : best;

    /// <summary>The fastest takes all that there is; a GPU does no more work among many than among few.</summary>
    private PlacementCost OnAll(PlacementCost atBest, Pool pool, long capacity)
    {
        if (_request.Objective != Objective.Fastest)
            return atBest with { Hourly = pool.PricePerGpuHour * atBest.Gpus };
        var times = Math.Max(1, (double)capacity / atBest.Gpus);
        return atBest with { TokensPerSecond = atBest.TokensPerSecond * times, Gpus = (long)(atBest.Gpus * times) };
    }

    private FittingLayouts FittingOn(Pool pool)
    {
        var card = CardOf(pool);
        if (!_fitting.TryGetValue(card, out var fitting))
            _fitting[card] = fitting = new FittingLayouts(LayoutsFor(pool), pool, _largest, _request.Objective);
        return fitting;
    }

    private bool MayBeExpectedToFit(Pool pool)
    {
        if (pool is not { Unknown: null, UsableMemory: not null })
            return false;
        var card = CardOf(pool);
        if (!_mayBeExpected.TryGetValue(card, out var may))
            _mayBeExpected[card] = may = LayoutsFor(pool).Any(layout => layout.MayBeExpectedToFit(pool, _largest) || layout.LeastThatFits(pool, _largest) is not null);
        return may;
    }

    private PoolCard CardOf(Pool pool) => new(pool.Product, pool.UsableMemory, pool.GpusPerNode, LargestTensor(pool), pool.PricePerGpuHour is > 0 ? 1 : pool.PricePerGpuHour);

    /// <summary>Groups that are too large for the pool's links come last.</summary>
    private IEnumerable<Layout> LayoutsFor(Pool pool)
    {
        var largest = LargestTensor(pool);
        return _request.Open.HasFlag(OpenFields.Tensor) ? _layouts.Value.TakeWhile(layout => layout.Tensor <= Math.Max(1, largest)) : _layouts.Value;
    }

    /// <summary>No field but the tensor parallel size depends on the GPUs.</summary>
    private int LargestTensor(Pool pool) => _request.Open.HasFlag(OpenFields.Tensor) ? pool.NvLinkGroup : 1;

    /// <summary>What decides, but for the number of GPUs, which layouts fit and in which order.</summary>
    private readonly record struct PoolCard(string Product, Bytes? Memory, int GpusPerNode, int Linked, decimal? Price);
}
