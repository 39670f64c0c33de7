using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Speed;

namespace GpuMem.Planning.Search;

/// <summary>
/// Holds a job against pools with every field that its author left open: tries the values, and keeps what the objective prefers among what fits.
/// What is closed is one layout, whose data parallel size <see cref="PoolFit"/> chooses.
/// </summary>
/// <remarks>
/// A layout is tried with its least needy settings first; where those do not fit for sure, none of its others does. Of the others, one whose best
/// case is worse than what was found is not estimated.
/// </remarks>
internal sealed class LayoutSearch
{
    private readonly PlanRequest _request;
    private readonly LayoutOrder _order;
    private readonly JobSpeed _speed;
    private readonly PoolFit? _closed;
    private readonly Dictionary<int, IReadOnlyList<Layout>> _layouts = [];

    public LayoutSearch(PlanRequest request)
    {
        (_request, _order, _speed) = (request, new LayoutOrder(request.Objective), new JobSpeed(request.Job));
        if ((request.Open & ~OpenFields.Data) == OpenFields.None)
            _closed = new PoolFit(request, _speed);
    }

    /// <returns>Null when the job can be in no way; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems)
    {
        if (_closed is not null)
            return _closed.Evaluate(pool, out problems);
        problems = [];
        var (best, stranding) = (default(Candidate), default(Candidate));
        foreach (var layout in LayoutsFor(pool))
        {
            if (layout.LeastNeedy(pool, out var isSold, out var here) is not { } least)
                problems = problems.Count == 0 ? here : problems;
            else if (!isSold)
                stranding = Better(stranding, least);
            else
                best = Better(best, least.Verdict == Verdict.Fits ? BestOf(layout, pool, Better(best, least)) : least);
        }

        return (best ?? stranding) is { } found ? found with { Open = _request.Open } : null;
    }

    private Candidate BestOf(Layout layout, Pool pool, Candidate best)
    {
        foreach (var other in layout.Others)
        {
            if (MayBeBetter(other, pool, best) && other.Evaluate(pool, out _) is { } candidate && other.IsSold(pool, candidate.Gpus))
                best = Better(best, candidate);
        }

        return best;
    }

    private Candidate Better(Candidate? best, Candidate other) => best is null || _order.Compare(other, best) < 0 ? other : best;

    private bool MayBeBetter(PoolFit fit, Pool pool, Candidate best) => best is not { Verdict: Verdict.Fits, GpusShort: 0 } || fit.AtBest(pool) is not { } bound || _order.MayBeBetter(bound, best);

    private IReadOnlyList<Layout> LayoutsFor(Pool pool)
    {
        // No field but the tensor parallel size depends on the GPUs.
        var largest = _request.Open.HasFlag(OpenFields.Tensor) ? pool.NvLinkGroup : 1;
        if (!_layouts.TryGetValue(largest, out var layouts))
            _layouts[largest] = layouts = [.. Layout.All(_request, largest, _speed)];
        return layouts;
    }
}
