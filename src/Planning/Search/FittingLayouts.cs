namespace GpuMem.Planning.Search;

/// <summary>
/// The layouts that may fit for sure on GPUs of one kind, in the order of what the objective makes of them in the best case. Which layout is the next is
/// worked out when it is asked for: most are never reached.
/// </summary>
internal sealed class FittingLayouts
{
    private readonly List<FittingLayout> _known = [];
    private readonly PriorityQueue<(Layout[] Alike, FittingLayout? Fitting, PlacementCost AtBest), double> _waiting;
    private readonly List<(Candidate Best, FittingLayout Layout, int Setting, long Gpus)> _found = [];
    private readonly Pool _pool;
    private readonly long _limit;
    private readonly Objective _objective;

    /// <param name="layouts">Those there are; those that differ in sharding alone stand together.</param>
    /// <param name="pool">One with such GPUs.</param>
    /// <param name="limit">No pool has more of them.</param>
    /// <param name="objective">What makes one better than another.</param>
    public FittingLayouts(IEnumerable<Layout[]> layouts, Pool pool, long limit, Objective objective)
    {
        (_pool, _limit, _objective) = (pool, limit, objective);
        _waiting = new(layouts.Select(alike => (alike, default(FittingLayout), alike[0].CostAtMost(pool))).Select(one => (one, one.Item3.Each(objective))));
    }

    /// <summary>The layout of this index; null when there is none, or none that <paramref name="may"/> be of use.</summary>
    public FittingLayout? Next(int index, Func<PlacementCost, bool> may)
    {
        if (index < _known.Count)
            return _known[index];
        while (_waiting.TryPeek(out var next, out _) && may(next.AtBest))
        {
            _waiting.Dequeue();
            if (next.Fitting is { } fitting)
            {
                _known.Add(fitting);
                return fitting;
            }

            foreach (var layout in next.Alike)
            {
                if (layout.FewestGpus(_pool, _limit) is not { } fewest)
                    continue;
                var found = new FittingLayout(layout, _pool, fewest);
                _waiting.Enqueue((next.Alike, found, found.AtBest), found.AtBest.Each(_objective));
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
