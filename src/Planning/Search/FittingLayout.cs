namespace GpuMem.Planning.Search;

/// <summary>A layout that fits for sure on GPUs of one kind, if there are enough of them. What is known of its settings is shared by all pools of that kind.</summary>
/// <param name="layout">One that fits.</param>
/// <param name="least">On so many GPUs, or more.</param>
/// <param name="atBest">What it takes there with its best settings.</param>
/// <param name="limit">No pool has more GPUs.</param>
internal sealed class FittingLayout(Layout layout, long least, PlacementCost atBest, long limit)
{
    // By setting; zero where it was not asked for yet, more than the limit where it fits on none.
    private readonly long[] _least = new long[layout.Settings];

    public long Least => least;

    public PlacementCost AtBest => atBest;

    /// <summary>With each setting that <paramref name="may"/> be better than what was found: what fits for sure on GPUs that the pool has.</summary>
    public IEnumerable<Candidate> On(Pool pool, long capacity, Func<PlacementCost, bool> may)
    {
        for (var setting = 0; setting < _least.Length; setting++)
        {
            if (may(layout.CostAt(pool, setting, least)) && LeastWith(pool, setting) is var gpus && gpus <= capacity && may(layout.CostAt(pool, setting, gpus))
                && layout.BestThatFits(pool, setting) is { } candidate)
                yield return candidate;
        }
    }

    private long LeastWith(Pool pool, int setting)
    {
        if (_least[setting] == 0)
            _least[setting] = layout.LeastThatFits(pool, setting, limit) ?? long.MaxValue;
        return _least[setting];
    }
}
