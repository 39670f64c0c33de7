using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>Holds a job against pools: where no more than its data parallel size is open it is one layout, else <see cref="OpenSearch"/> tries those there are.</summary>
internal sealed class LayoutSearch
{
    private readonly JobFacts _facts;
    private readonly PoolFit? _closed;
    private readonly OpenSearch? _open;

    /// <param name="request">The job.</param>
    /// <param name="pools">Those that it will be held against.</param>
    /// <param name="other">One of a similar job on the same pools: what it found out about these is used again.</param>
    public LayoutSearch(PlanRequest request, IReadOnlyList<Pool> pools, LayoutSearch? other = null)
    {
        _facts = new JobFacts(request.Job, other?._facts.Counts ?? []);
        if ((request.Open & ~OpenFields.Data) == OpenFields.None)
            _closed = new PoolFit(request, _facts);
        else
            _open = new OpenSearch(request, pools, _facts);
    }

    /// <returns>Null when the job can be in no way; the reason is then in <paramref name="problems"/>.</returns>
    public Candidate? Evaluate(Pool pool, out IReadOnlyList<JobProblem> problems) => _open is null ? _closed!.Evaluate(pool, out problems) : _open.Evaluate(pool, out problems);

    /// <summary>As <see cref="Evaluate"/> for who asks only for what is expected to fit: of all else something may be left out, or null.</summary>
    public Candidate? ExpectedOn(Pool pool) => _open is null ? _closed!.ExpectedOn(pool) : _open.ExpectedOn(pool);

    /// <summary>The job can be in some way on some of the pools.</summary>
    public bool IsPossible(IReadOnlyList<Pool> pools) => pools.Any(pool => _open is null ? _closed!.Evaluate(pool, out _) is not null : _open.IsPossible(pool));
}
