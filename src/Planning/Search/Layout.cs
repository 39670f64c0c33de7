using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>How model and states are divided over GPUs, with the settings that are left open beside it.</summary>
internal sealed class Layout
{
    private readonly PlanRequest _request;
    private readonly JobFacts _facts;
    private readonly Lazy<IReadOnlyList<PoolFit>> _fits;
    private readonly PoolFit _first;

    /// <param name="request">The job with this layout; settings are left open.</param>
    /// <param name="facts">Of the job.</param>
    private Layout(PlanRequest request, JobFacts facts)
    {
        (_request, _facts) = (request, facts);
        _first = new PoolFit(Settings(request).First(), facts);
        _fits = new(() => [_first, .. Settings(request).Skip(1).Select(settings => new PoolFit(settings, facts))]);
    }

    /// <summary>All but the least needy.</summary>
    public IEnumerable<PoolFit> Others => _fits.Value.Skip(1);

    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="facts">Of the job.</param>
    public static IEnumerable<Layout> All(PlanRequest request, int largestTensor, JobFacts facts) =>
        from tensor in Degrees.Tensor(request, largestTensor)
        from pipeline in Degrees.Pipeline(request)
        from context in Degrees.Context(request)
        from expert in Degrees.Expert(request)
        from sharding in Degrees.Sharding(request)
        let layout = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding }
        select new Layout(request with { Job = request.Job with { Parallelism = layout } }, facts);

    /// <summary>What it takes with its best settings on the fewest GPUs: with what recomputes the least. Null when no number of GPUs does.</summary>
    public PlacementCost? AtBest(Pool pool)
    {
        PlacementCost? best = null;
        var recompute = Degrees.Recompute(_request).Last();
        foreach (var sequences in Degrees.MicroBatchSize(_request))
        {
            if (_first.LeastCount(pool.GpusPerNode, sequences) is not { } count)
                continue;
            var perPod = GpuCounts.PerPod(count, _request.Job.Parallelism.Tensor, pool, _request.GpusPerNode);
            var cost = new PlacementCost(count, count / perPod, pool.PricePerGpuHour * count, _facts.TokensPerSecond(_request.Job, pool, count, perPod, recompute, sequences));
            if (best is not { } known || cost.CompareTo(known, _request.Objective) < 0)
                best = cost;
        }

        return best;
    }

    /// <summary>On GPUs that the pool has, with the settings that need the least memory of those that the job can have.</summary>
    public Candidate? LeastNeedy(Pool pool)
    {
        var least = _first.Within(pool, out var problems) ?? (problems.Count == 0 ? null : Others.Select(fit => fit.Within(pool, out _)).FirstOrDefault(candidate => candidate is not null));
        return least is null or { Verdict: Verdict.Fits } ? least : InOneMicroBatch(pool) ?? least;
    }

    /// <summary>The same on any number of GPUs.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="isSold">The pool sells as many GPUs as this layout takes.</param>
    /// <param name="problems">Why the job cannot be so, when the result is null.</param>
    public Candidate? Anyhow(Pool pool, out bool isSold, out IReadOnlyList<JobProblem> problems)
    {
        (isSold, problems) = (false, []);
        foreach (var fit in _fits.Value)
        {
            if (fit.Evaluate(pool, out var here) is { } candidate)
            {
                isSold = fit.IsSold(pool, candidate.Gpus);
                return candidate;
            }

            problems = problems.Count == 0 ? here : problems;
        }

        return null;
    }

    /// <summary>
    /// A larger micro-batch may need less than a smaller one only where it is all of a step: no gradients of earlier micro-batches then lie beside its
    /// activations.
    /// </summary>
    private Candidate? InOneMicroBatch(Pool pool) => _fits.Value
        .Take(Degrees.MicroBatchSize(_request).Count())
        .Where(fit => fit.MayTakeOneMicroBatch(pool))
        .Select(fit => fit.Within(pool, out _))
        .FirstOrDefault(candidate => candidate?.Verdict == Verdict.Fits);

    /// <summary>The least needy first: by recomputation, then by micro-batch.</summary>
    private static IEnumerable<PlanRequest> Settings(PlanRequest request) =>
        from recompute in Degrees.Recompute(request)
        from sequences in Degrees.MicroBatchSize(request)
        select request with { Open = request.Open & OpenFields.Data, Job = request.Job with { Training = Train(request.Job.Training, recompute, sequences) } };

    private static TrainingSpec Train(TrainingSpec training, Recompute recompute, long sequences) =>
        training with { Recompute = recompute, MicroBatchSize = sequences, RecomputeModules = recompute == Recompute.Selective ? training.RecomputeModules : RecomputeModules.None };
}
