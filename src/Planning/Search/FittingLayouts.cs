namespace GpuMem.Planning.Search;

/// <summary>
/// The layouts that may fit for sure on GPUs of one kind, in the order of what the objective makes of them in the best case. Which layout is the next is
/// worked out when it is asked for: most are never reached.
/// </summary>
internal sealed class FittingLayouts
{
    private readonly List<FittingLayout> _known = [];
    private readonly PriorityQueue<(int Group, FittingLayout? Fitting), double> _waiting;
    private readonly ArraySegment<Layout> _layouts;
    private readonly int _alike;

    // What is true of each group of layouts that differ in sharding alone.
    private readonly PlacementCost[] _atBest;
    private readonly List<(Candidate Best, FittingLayout Layout, int Setting, long Gpus)> _found = [];
    private readonly Pool _pool;
    private readonly long _limit;
    private readonly Objective _objective;

    /// <param name="layouts">Those there are.</param>
    /// <param name="alike">So many after each other differ in sharding alone.</param>
    /// <param name="pool">One with such GPUs.</param>
    /// <param name="limit">No pool has more of them.</param>
    /// <param name="objective">What makes one better than another.</param>
    public FittingLayouts(ArraySegment<Layout> layouts, int alike, Pool pool, long limit, Objective objective)
    {
        (_layouts, _alike, _pool, _limit, _objective) = (layouts, alike, pool, limit, objective);
        _atBest = new PlacementCost[layouts.Count / alike];
        _waiting = new(_atBest.Length);
        for (var group = 0; group < _atBest.Length; group++)
        {
            _atBest[group] = layouts[group * alike].CostAtMost(pool);
            _waiting.Enqueue((group, null), _atBest[group].Each(objective));
        }
    }

    /// <summary>The layout of this index; null when there is none, or none that may be better than <paramref name="best"/>.</summary>
    public FittingLayout? Next(int index, BestOnPool best)
    {
        if (index < _known.Count)
            return _known[index];
        while (_waiting.TryPeek(out var next, out _) && best.MayBeAmong(next.Fitting?.AtBest ?? _atBest[next.Group]))
        {
            _waiting.Dequeue();
            if (next.Fitting is { } fitting)
            {
                _known.Add(fitting);
                return fitting;
            }

            foreach (var layout in _layouts.Slice(next.Group * _alike, _alike))
            {
                if (layout.FewestGpus(_pool, _limit) is not { } fewest)
                    continue;
                var found = new FittingLayout(layout, _pool, fewest);
                _waiting.Enqueue((next.Group, found), found.AtBest.Each(_objective));
            }
        }

        return null;
    }

    /// <summary>The best that was found on a pool with at least as many GPUs, where it can start on so few: a smaller pool has no better. Null when nothing was.</summary>
    /// <param name="pool">Of such GPUs.</param>
    /// <param name="gpus">Those with which a job can start now.</param>
    public Candidate? FoundFor(Pool pool, long gpus)
    {
        foreach (var (best, layout, setting, most) in _found)
        {
            if (best.Gpus <= gpus && gpus <= most && layout.On(pool, setting, best.Gpus) is { } again && again.Gpus == best.Gpus)
                return again;
        }

        return null;
    }

    /// <summary>The best of all that can start now on so many GPUs.</summary>
    public void Remember(Candidate best, FittingLayout layout, int setting, long gpus) => _found.Add((best, layout, setting, gpus));
}
