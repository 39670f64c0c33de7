namespace GpuMem.Planning.Search;

/// <summary>A layout that fits for sure on GPUs of one kind, if there are enough of them. What is known of its settings is shared by all pools of that kind.</summary>
internal sealed class FittingLayout
{
    private readonly Layout _layout;
    private readonly PlacementCost[] _costs;

    // By setting, of those that were asked for last.
    private readonly long[] _least;

    /// <param name="layout">One that fits.</param>
    /// <param name="pool">One with such GPUs.</param>
    /// <param name="least">On so many GPUs, or more.</param>
    /// <param name="objective">What makes one setting better than another.</param>
    public FittingLayout(Layout layout, Pool pool, long least, Objective objective)
    {
        (_layout, Least) = (layout, least);
        (_costs, _least) = (layout.CostsAt(pool, least), new long[layout.Settings]);
        AtBest = layout.MayBeCheaperOnMore ? layout.CostAtMost(pool) : _costs.MinBy(cost => cost.Each(objective));
    }

    public long Least { get; }

    /// <summary>What it takes with its best settings, on the fewest GPUs that any of them need.</summary>
    public PlacementCost AtBest { get; }

    /// <summary>With each setting that <paramref name="may"/> be better than what was found: what fits for sure on GPUs that the pool has.</summary>
    public IEnumerable<(Candidate Candidate, int Setting)> On(Pool pool, long capacity, Func<PlacementCost, bool> may)
    {
        // From the fastest to the least needy; on more GPUs than the most it would be no better.
        for (var first = _costs.Length - _layout.MicroBatches; first >= 0; first -= _layout.MicroBatches)
        {
            if (!(_layout.MayBeCheaperOnMore || AnyMay(first, may)) || _layout.MostThatMay(may, pool, first, capacity) is not { } most)
                continue;
            _layout.LeastThatFit(pool, first, most, _least);
            for (var setting = first + _layout.MicroBatches - 1; setting >= first; setting--)
            {
                if (_least[setting] <= most && (_layout.MayBeCheaperOnMore || may(_layout.CostAt(pool, setting, _least[setting]))) && On(pool, setting) is { } candidate)
                    yield return (candidate, setting);
            }
        }
    }

    /// <summary>With one setting, what fits for sure on GPUs that the pool has.</summary>
    public Candidate? On(Pool pool, int setting) => _layout.BestThatFits(pool, setting);

    private bool AnyMay(int first, Func<PlacementCost, bool> may)
    {
        foreach (var cost in _costs.AsSpan(first, _layout.MicroBatches))
        {
            if (may(cost))
                return true;
        }

        return false;
    }
}
