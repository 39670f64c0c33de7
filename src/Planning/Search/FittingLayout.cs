namespace GpuMem.Planning.Search;

/// <summary>A layout whose states have room on GPUs of one kind, if there are enough of them. What is known of its settings is shared by all pools of that kind.</summary>
internal sealed class FittingLayout
{
    private readonly Layout _layout;

    // On so many GPUs, or fewer, it fits with no settings.
    private long _tooFew;
    private long? _least;

    // By setting; what is here is of the layout that was asked for last.
    private readonly long[] _leastOf;

    /// <param name="layout">One that may fit.</param>
    /// <param name="pool">One with such GPUs.</param>
    /// <param name="fewest">On fewer GPUs it does not.</param>
    /// <param name="leastOf">A place for a number of each setting.</param>
    public FittingLayout(Layout layout, Pool pool, long fewest, long[] leastOf)
    {
        (_layout, Fewest, _tooFew, _leastOf) = (layout, fewest, fewest - 1, leastOf);
        AtBest = layout.CostFrom(pool, fewest);
    }

    public long Fewest { get; }

    /// <summary>What it takes with its fastest settings on those.</summary>
    public PlacementCost AtBest { get; }

    /// <summary>Offers what fits for sure on GPUs that the pool has, with each setting that may be better than <paramref name="best"/>.</summary>
    public void OfferTo(BestOnPool best)
    {
        if (MostThatMay(best) is not { } limit || Least(best.Pool, limit) is not { } least)
            return;
        var (pool, isLeastBest, batches, fastest) = (best.Pool, !_layout.MayBeCheaperOnMore, _layout.MicroBatches, _layout.Settings - _layout.MicroBatches);
        var cost = _layout.CostAt(pool, least);

        // From the fastest to the least needy; on more GPUs than the most it would be no better.
        for (var first = fastest; first >= 0; first -= batches)
        {
            if ((isLeastBest && !best.MayBe(cost.AtMost(first, batches))) || _layout.MostThatMay(best, first, least, limit) is not { } most)
                continue;
            _layout.LeastThatFit(pool, first, least, most, _leastOf);
            for (var setting = first + batches - 1; setting >= first; setting--)
            {
                if (_leastOf[setting] <= most && (!isLeastBest || best.MayBe(_layout.CostAt(pool, _leastOf[setting]).With(setting))) && On(pool, setting, _leastOf[setting]) is { } candidate)
                    best.Offer(candidate, this, setting);
            }
        }
    }

    /// <summary>With one setting, which fits from <paramref name="least"/> GPUs on, what fits for sure on GPUs that the pool has.</summary>
    public Candidate? On(Pool pool, int setting, long least) => _layout.BestThatFits(pool, setting, least);

    /// <summary>The most GPUs on which, if it fitted, it might be better with any settings; null when there is no such number.</summary>
    private long? MostThatMay(BestOnPool best)
    {
        if (!_layout.CostsRise)
            return best.Capacity;
        var (counts, most) = (_layout.Counts(best.Pool, Fewest, best.Capacity), default(long?));
        for (var i = 0; i < counts.Count; i++)
        {
            if (!best.MayBe(i == 0 ? AtBest : _layout.CostFrom(best.Pool, counts[i])))
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
