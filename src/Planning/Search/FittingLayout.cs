namespace GpuMem.Planning.Search;

/// <summary>A layout whose states have room on GPUs of one kind, if there are enough of them. What is known of its settings is shared by all pools of that kind.</summary>
internal sealed class FittingLayout
{
    // What hardly any job has more of: ways to recompute times sizes of a micro-batch.
    private const int FewSettings = 64;

    private readonly Layout _layout;

    // On so many GPUs, or fewer, it fits with no settings.
    private long _tooFew;

    // 0 while that is not known, for it may fit on more.
    private long _least;

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

    /// <summary>Offers what fits for sure on GPUs that the pool has, with each setting that may be better than <paramref name="best"/>.</summary>
    public void OfferTo(BestOnPool best)
    {
        if (MostThatMay(best) is not { } limit || Least(best.Pool, limit) is not { } least)
            return;
        var (pool, isLeastBest, batches, fastest) = (best.Pool, !_layout.MayBeCheaperOnMore, _layout.MicroBatches, _layout.Settings - _layout.MicroBatches);
        var cost = _layout.CostAt(pool, least);
        var leastOf = _layout.Settings <= FewSettings ? stackalloc long[FewSettings] : new long[_layout.Settings];

        // From the fastest to the least needy; on more GPUs than the most it would be no better.
        for (var first = fastest; first >= 0; first -= batches)
        {
            if ((isLeastBest && !best.MayBe(cost.AtMost(first, batches))) || _layout.MostThatMay(best, first, least, limit) is not { } most)
                continue;
            _layout.LeastThatFit(pool, first, least, most, leastOf);
            for (var setting = first + batches - 1; setting >= first; setting--)
            {
                if (leastOf[setting] <= most && (!isLeastBest || best.MayBe(_layout.CostAt(pool, leastOf[setting]).With(setting))) && On(pool, setting, leastOf[setting]) is { } candidate)
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
        if (_least == 0 && limit > _tooFew)
        {
            var least = _layout.LeastThatFits(pool, limit, _tooFew + 1);
            (_least, _tooFew) = (least ?? 0, least - 1 ?? limit);
        }

        return _least > 0 && _least <= limit ? _least : null;
    }
}
