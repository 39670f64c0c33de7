using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>
/// Holds a job against pools with every field that its author left open: tries the values, and keeps what the objective prefers among what fits.
/// </summary>
/// <remarks>
/// Layouts are tried in the order of what the objective makes of them in the best case, on the fewest GPUs that have room for their states, until none that
/// is left can be better than what was found. What that case is and how many GPUs those are is known without an estimate of the layout, so most are never
/// estimated, and the others only on numbers of GPUs on which they would be better. Pools that differ in size alone share that order, and what was found
/// for a larger one.
/// </remarks>
internal sealed class OpenSearch
{
    private readonly PlanRequest _request;
    private readonly LayoutOrder _order;
    private readonly JobFacts _facts;
    private readonly Lazy<Dictionary<(int GpusPerNode, int Linked), Pool>> _mostMemory;
    private readonly long _largest;
    private readonly Lazy<Layouts> _layouts;

    // With those that take more GPUs than any pool has: they are shown where nothing else is.
    private readonly Lazy<Layouts> _onAnyNumber;
    private readonly Dictionary<PoolCard, FittingLayouts> _fitting = [];
    private readonly Dictionary<PoolCard, bool> _mayBeExpected = [];
    private readonly Dictionary<Pool, (Candidate? Candidate, IReadOnlyList<JobProblem> Problems)> _known = [];

    /// <param name="request">The job.</param>
    /// <param name="pools">Those that it will be held against.</param>
    /// <param name="facts">What is the same for all its layouts.</param>
    public OpenSearch(PlanRequest request, IReadOnlyList<Pool> pools, JobFacts facts)
    {
        (_request, _order, _facts) = (request, new LayoutOrder(request.Objective), facts);
        foreach (var pool in pools)
            _largest = Math.Max(_largest, GpuCounts.Capacity(pool, request.GpusPerNode));
        _mostMemory = new(() => WithMostMemory(pools));
        _layouts = new(() => Layouts.Of(request, pools.Max(LargestTensor), _largest, _facts));
        _onAnyNumber = new(() => Layouts.Of(request, pools.Max(LargestTensor), long.MaxValue, _facts));
    }

    /// <returns>Null when the job can be in no way; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        // On pools of one kind any price orders the same.
        var kind = pool with { Name = "", PricePerGpuHour = pool.PricePerGpuHour is > 0 ? 1 : pool.PricePerGpuHour };
        if (!_known.TryGetValue(kind, out var known))
            _known[kind] = known = (Choose(kind, out problems), problems);
        problems = known.Problems;
        return known.Candidate is null ? null : known.Candidate with { Pool = pool, Open = _request.Open };
    }

    /// <summary>As <see cref="Evaluate"/> for who asks only for what is expected to fit: of all else something may be left out, or null.</summary>
    public Candidate? ExpectedOn(Pool pool) => pool.MayGrow || MayBeExpectedToFit(pool) ? Evaluate(pool, out _) : null;

    /// <summary>The job can be in some way on GPUs like the pool's.</summary>
    public bool IsPossible(Pool pool)
    {
        foreach (var layout in LayoutsFor(pool))
        {
            if (layout.IsValid(pool, _largest))
                return true;
        }

        return false;
    }

    private Candidate? Choose(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = [];
        if (BestThatFits(pool) is { } fits)
            return fits;
        var (nearest, layout) = Nearest(pool);
        if (nearest is null || (pool.MayGrow && (nearest.IsGuess || nearest.Verdict.Rejects())))
            return Anyhow(LayoutsFor(pool, _onAnyNumber.Value), pool, out problems);
        return nearest.Verdict.Rejects() ? Anyhow(new([layout!]), pool, out _) : nearest;
    }

    /// <summary>The best of what fits for sure on GPUs that there are; null when nothing does.</summary>
    private Candidate? BestThatFits(Pool pool)
    {
        if (!MayBeExpectedToFit(pool))
            return null;
        var best = new BestOnPool(_order, _request.Objective, pool, _request.DataIsAuto ? GpuCounts.Capacity(pool, _request.GpusPerNode) : long.MaxValue);
        var fitting = FittingOn(pool);
        if (fitting.FoundFor(pool, best.StartsOn) is { } known)
            return known;
        for (var i = 0; fitting.Next(i, best) is { } layout && best.MayBeAmong(layout.AtBest); i++)
        {
            if (layout.Fewest <= best.Capacity && best.MayBe(layout.AtBest))
                layout.OfferTo(best);
        }

        best.RememberIn(fitting);
        return best.Candidate;
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
    private Candidate? Anyhow(ArraySegment<Layout> layouts, Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        problems = layouts.Count > 0 ? [] : [new JobProblem("placement.gpusPerNode", $"no layout over data {_request.Job.Parallelism.Data} makes pods of {_request.GpusPerNode} GPUs; set parallelism.data to Auto, or give another size")];
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

    private FittingLayouts FittingOn(Pool pool)
    {
        var card = CardOf(pool);
        if (!_fitting.TryGetValue(card, out var fitting))
            _fitting[card] = fitting = new FittingLayouts(LayoutsFor(pool), _layouts.Value.Alike, pool, _largest, _request.Objective);
        return fitting;
    }

    /// <summary>In some way, on GPUs of which there is any number up to the largest pool's; false is certain.</summary>
    private bool MayBeExpectedToFit(Pool pool)
    {
        if (!IsKnown(pool))
            return false;

        // What needs more than the largest memory needs more than any.
        return MayBeExpectedWith(_mostMemory.Value[(pool.GpusPerNode, LargestTensor(pool))]) && MayBeExpectedWith(pool);
    }

    private Dictionary<(int GpusPerNode, int Linked), Pool> WithMostMemory(IReadOnlyList<Pool> pools)
    {
        var most = new Dictionary<(int GpusPerNode, int Linked), Pool>();
        foreach (var pool in pools.Where(IsKnown))
        {
            var nodes = (pool.GpusPerNode, LargestTensor(pool));
            if (!most.TryGetValue(nodes, out var other) || pool.UsableMemory > other.UsableMemory)
                most[nodes] = pool;
        }

        return most;
    }

    private bool MayBeExpectedWith(Pool pool)
    {
        var card = CardOf(pool);
        if (_mayBeExpected.TryGetValue(card, out var may))
            return may;
        foreach (var layout in LayoutsFor(pool))
        {
            if (layout.MayBeExpectedToFit(pool, _largest))
                return _mayBeExpected[card] = true;
        }

        return _mayBeExpected[card] = false;
    }

    private static bool IsKnown(Pool pool) => pool is { Unknown: null, UsableMemory: not null };

    private PoolCard CardOf(Pool pool) => new(pool.Product, pool.UsableMemory, pool.GpusPerNode, LargestTensor(pool), pool.PricePerGpuHour is > 0 ? 1 : pool.PricePerGpuHour);

    /// <summary>Without groups that are too large for the pool's links.</summary>
    private ArraySegment<Layout> LayoutsFor(Pool pool) => LayoutsFor(pool, _layouts.Value);

    private ArraySegment<Layout> LayoutsFor(Pool pool, Layouts layouts) => layouts.UpTo(_request.Open.HasFlag(OpenFields.Tensor) ? Math.Max(1, LargestTensor(pool)) : int.MaxValue);

    /// <summary>No field but the tensor parallel size depends on the GPUs.</summary>
    private int LargestTensor(Pool pool) => _request.Open.HasFlag(OpenFields.Tensor) ? pool.NvLinkGroup : 1;

    /// <summary>What decides, but for the number of GPUs, which layouts fit and in which order.</summary>
    private readonly record struct PoolCard(string Product, Bytes? Memory, int GpusPerNode, int Linked, decimal? Price);
}
