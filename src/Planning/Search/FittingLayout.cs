namespace GpuMem.Planning.Search;

/// <summary>A layout whose states have room on GPUs of one kind, if there are enough of them. What is known of its settings is shared by all pools of that kind.</summary>
internal sealed class FittingLayout
{
    private readonly Layout _layout;

    // On so many GPUs, or fewer, it fits with no settings.
    private long _tooFew;
    private long? _least;

    // By number of GPUs beyond the fewest, as far as it was asked for.
    private List<PlacementCost>? _onMore;

    // By setting, of those that were asked for last.
    private long[]? _leastOf;

    /// <param name="layout">One that may fit.</param>
    /// <param name="pool">One with such GPUs.</param>
    /// <param name="fewest">On fewer GPUs it does not.</param>
    public FittingLayout(Layout layout, Pool pool, long fewest)
    {
        (_layout, Fewest, _tooFew) = (layout, fewest, fewest - 1);
        AtBest = layout.CostFrom(pool, fewest);
    }

    public long Fewest { get; }

    /// <summary>What it takes with its fastest settings on those.</summary>
    public PlacementCost AtBest { get; }

    /// <summary>With each setting that <paramref name="may"/> be better than what was found: what fits for sure on GPUs that the pool has.</summary>
    public IEnumerable<(Candidate Candidate, int Setting)> On(Pool pool, long capacity, Func<PlacementCost, bool> may)
    {
        var (isLeastBest, batches, fastest) = (!_layout.MayBeCheaperOnMore, _layout.MicroBatches, _layout.Settings - _layout.MicroBatches);
        if (MostThatMay(may, pool, capacity) is not { } limit || Least(pool, limit) is not { } least)
            yield break;
        var cost = _layout.CostAt(pool, least);
        _leastOf ??= new long[_layout.Settings];

        // From the fastest to the least needy; on more GPUs than the most it would be no better.
        for (var first = fastest; first >= 0; first -= batches)
        {
            if ((isLeastBest && !may(cost.AtMost(first, batches))) || _layout.MostThatMay(may, pool, first, least, limit) is not { } most)
                continue;
            _layout.LeastThatFit(pool, first, least, most, _leastOf);
            for (var setting = first + batches - 1; setting >= first; setting--)
            {
                if (_leastOf[setting] <= most && (!isLeastBest || may(_layout.CostAt(pool, _leastOf[setting]).With(setting))) && On(pool, setting, _leastOf[setting]) is { } candidate)
                    yield return (candidate, setting);
            }
        }
    }

    /// <summary>With one setting, which fits from <paramref name="least"/> GPUs on, what fits for sure on GPUs that the pool has.</summary>
    public Candidate? On(Pool pool, int setting, long least) => _layout.BestThatFits(pool, setting, least);

    /// <summary>The most GPUs up to <paramref name="capacity"/> on which, if it fitted, it would be of use with any settings; null when there is no such number.</summary>
    private long? MostThatMay(Func<PlacementCost, bool> may, Pool pool, long capacity)
    {
        if (!_layout.CostsRise)
            return capacity;
        var (counts, most) = (_layout.Counts(pool, Fewest, capacity), default(long?));
        for (var i = 0; i < counts.Count; i++)
        {
            if (i > (_onMore?.Count ?? 0))
                (_onMore ??= []).Add(_layout.CostFrom(pool, counts[i]));
            if (!may(i == 0 ? AtBest : _onMore![i - 1]))
                break;
            most = counts[i];
        }

        return most;
    }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which it fits for sure with any settings; null when it does on none.</summary>
    private long? Least(Pool pool, long limit)
    {
        if (_least is null && limit > _tooFew)
        {
            _least = _layout.LeastThatFits(pool, limit, _tooFew + 1);
            _tooFew = _least - 1 ?? limit;
        }

        return _least <= limit ? _least : null;
    }
}
