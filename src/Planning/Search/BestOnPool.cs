namespace GpuMem.Planning.Search;

/// <summary>The best that was found so far of what fits for sure on one pool, and what may still be better.</summary>
/// <param name="order">Of layouts.</param>
/// <param name="objective">What makes one better than another.</param>
/// <param name="pool">The GPUs.</param>
/// <param name="capacity">The most GPUs that the job may take of them.</param>
internal sealed class BestOnPool(LayoutOrder order, Objective objective, Pool pool, long capacity)
{
    private FittingLayout? _layout;
    private int _setting;

    public Pool Pool => pool;

    public long Capacity => capacity;

    /// <summary>Null as long as nothing was found.</summary>
    public Candidate? Candidate { get; private set; }

    /// <summary>GPUs with which a job can start now.</summary>
    public long StartsOn => Math.Min(pool.FreeNow, capacity);

    /// <summary>Keeps it if it is better.</summary>
    /// <param name="candidate">It fits for sure.</param>
    /// <param name="layout">Of which it was made.</param>
    /// <param name="setting">With which it was made.</param>
    public void Offer(Candidate candidate, FittingLayout layout, int setting)
    {
        if (Candidate is null || order.Compare(candidate, Candidate) < 0)
            (Candidate, _layout, _setting) = (candidate, layout, setting);
    }

    /// <summary>What takes this at the best may be better: what can start now comes before what waits, whatever it takes.</summary>
    public bool MayBe(in PlacementCost bound) =>
        Candidate is null || (((ICandidate)Candidate).Waits && bound.Gpus <= pool.FreeNow) || order.MayBeBetter(OnAll(bound), Candidate);

    /// <summary>The same of all that takes this or more.</summary>
    public bool MayBeAmong(in PlacementCost bound) => Candidate is null || ((ICandidate)Candidate).Waits || order.MayBeBetter(OnAll(bound), Candidate);

    /// <summary>Tells the layouts, so that pools with fewer GPUs need not look for it.</summary>
    public void RememberIn(FittingLayouts layouts)
    {
        if (Candidate is { } best && !((ICandidate)best).Waits)
            layouts.Remember(best, _layout!, _setting, StartsOn);
    }

    /// <summary>The fastest takes all that there is; a GPU does no more work among many than among few.</summary>
    private PlacementCost OnAll(in PlacementCost atBest)
    {
        if (objective != Objective.Fastest)
            return atBest;
        var times = Math.Max(1, (double)capacity / atBest.Gpus);
        return atBest with { TokensPerSecond = atBest.TokensPerSecond * times, Gpus = (long)(atBest.Gpus * times) };
    }
}
