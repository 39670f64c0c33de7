using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>How model and states are divided over GPUs, with the settings that are left open beside it.</summary>
internal sealed class Layout
{
    private readonly PlanRequest _request;
    private readonly JobFacts _facts;
    private readonly Setting[] _settings;
    private readonly PoolFit?[] _fits;
    private PoolFit? _leastNeedy;
    private bool _isInvalid;

    /// <param name="request">The job with this layout; settings are left open.</param>
    /// <param name="settings">The least needy first: by recomputation, then by micro-batch.</param>
    /// <param name="facts">Of the job.</param>
    private Layout(PlanRequest request, Setting[] settings, JobFacts facts)
    {
        (_request, _settings, _facts) = (request, settings, facts);
        _fits = new PoolFit?[settings.Length];
    }

    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="facts">Of the job.</param>
    public static IReadOnlyList<Layout> All(PlanRequest request, int largestTensor, JobFacts facts)
    {
        Setting[] settings = [.. from recompute in Degrees.Recompute(request) from sequences in Degrees.MicroBatchSize(request) select new Setting(recompute, sequences)];
        return [.. from tensor in Degrees.Tensor(request, largestTensor)
            from pipeline in Degrees.Pipeline(request)
            from context in Degrees.Context(request)
            from expert in Degrees.Expert(request)
            from sharding in Degrees.Sharding(request)
            let layout = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding }
            select new Layout(request with { Job = request.Job with { Parallelism = layout } }, settings, facts)];
    }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which this layout fits for sure with any settings; null when it does on none.</summary>
    /// <remarks>
    /// No settings need less than the least needy, with one exception: a larger micro-batch may where it is all of a step, for no gradients of earlier
    /// micro-batches then lie beside its activations.
    /// </remarks>
    public long? LeastThatFits(Pool pool, long limit)
    {
        if (LeastNeedy(pool, limit) is not { } needy)
            return null;
        var least = needy.LeastThatFits(pool, limit);
        if (needy.NeedsMoreThanStates(pool, limit))
            return least;
        for (var i = 0; i < _settings.Length && _settings[i].Recompute == _settings[0].Recompute; i++)
        {
            if (InOneMicroBatch(_settings[i].Sequences) is { } gpus && gpus <= limit && (least is null || gpus < least) && With(i).FitsOn(pool, gpus))
                least = gpus;
        }

        return least;
    }

    /// <summary>The job can be so on at most so many GPUs, whatever their memory.</summary>
    public bool IsValid(Pool pool, long limit) => LeastNeedy(pool, limit) is not null;

    /// <summary>With the least needy settings, on at most so many GPUs, the expected size may be no more than the pool's have; false is certain.</summary>
    public bool MayBeExpectedToFit(Pool pool, long limit)
    {
        if (LeastNeedy(pool, limit) is { } needy)
            return needy.MayBeExpectedToFit(pool, limit);

        // On a number of GPUs that leaves some of a node over.
        return !_isInvalid && _request.Job.Parallelism.ModelParallelSize <= limit;
    }

    /// <summary>What it takes in the best case: with its best settings, on the fewest GPUs that any of them need.</summary>
    public PlacementCost AtBest(Pool pool, long least)
    {
        PlacementCost? best = null;
        var perPod = PerPod(pool, least);
        foreach (var setting in _settings)
        {
            if (setting.Recompute == _settings[^1].Recompute && CostAt(pool, least, perPod, setting) is var cost && (best is not { } known || cost.CompareTo(known, _request.Objective) < 0))
                best = cost;
        }

        return best!.Value;
    }

    public int Settings => _settings.Length;

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which it fits for sure with one of the settings; null when it does on none.</summary>
    public long? LeastThatFits(Pool pool, int setting, long limit) => With(setting).LeastThatFits(pool, limit);

    /// <summary>With one of the settings, what the objective prefers of what fits for sure on GPUs that the pool has.</summary>
    public Candidate? BestThatFits(Pool pool, int setting) => With(setting).BestThatFits(pool);

    /// <summary>What it takes and gives with one of the settings, whether the memory of so many GPUs is enough or not.</summary>
    public PlacementCost CostAt(Pool pool, int setting, long gpus) => CostAt(pool, gpus, PerPod(pool, gpus), _settings[setting]);

    /// <summary>Where nothing fits for sure on GPUs that the pool has: with the settings that need the least, what comes before <paramref name="best"/>.</summary>
    public Candidate? Nearest(Pool pool, Candidate? best)
    {
        IReadOnlyList<JobProblem> problems = [];
        return LeastNeedy(pool, GpuCounts.Capacity(pool, _request.GpusPerNode)) is { } needy && needy.Nearest(pool, ref problems) is { } held && (best is null || !held.IsFartherThan(best))
            ? needy.Candidate(pool, held)
            : null;
    }

    /// <summary>The same on any number of GPUs.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="isSold">The pool sells as many GPUs as this layout takes.</param>
    /// <param name="problems">Why the job cannot be so, when the result is null.</param>
    public Candidate? Anyhow(Pool pool, out bool isSold, out IReadOnlyList<JobProblem> problems)
    {
        (isSold, problems) = (false, []);
        for (var i = 0; i < _settings.Length; i++)
        {
            if (With(i).Evaluate(pool, out var here) is { } candidate)
            {
                isSold = With(i).IsSold(pool, candidate.Gpus);
                return candidate;
            }

            problems = problems.Count == 0 ? here : problems;
        }

        return null;
    }

    /// <summary>With the first settings that make the job valid; null when none do, or all take more GPUs than the limit.</summary>
    private PoolFit? LeastNeedy(Pool pool, long limit)
    {
        for (var i = 0; i < _settings.Length && _leastNeedy is null && !_isInvalid; i++)
        {
            switch (With(i).IsValid(pool, limit))
            {
                case null:
                    return null;
                case true:
                    _leastNeedy = With(i);
                    break;
                case false when i == _settings.Length - 1:
                    _isInvalid = true;
                    break;
            }
        }

        return _leastNeedy;
    }

    /// <summary>GPUs with which a step is one micro-batch of each; null when there is no such number.</summary>
    private long? InOneMicroBatch(long sequences)
    {
        if (_request.Job.Training.GlobalBatchSize is not { } batch || batch % sequences != 0)
            return null;
        var (layout, ranks) = (_request.Job.Parallelism, batch / sequences);
        return ranks > JobLimits.MaxParallelDegree || (!_request.DataIsAuto && ranks != layout.Data) ? null : ranks * layout.ModelParallelSize;
    }

    private PlacementCost CostAt(Pool pool, long gpus, int perPod, Setting setting) =>
        new(gpus, gpus / perPod, pool.PricePerGpuHour * gpus, _facts.TokensPerSecond(_request.Job, pool, gpus, perPod, setting.Recompute, setting.Sequences));

    private int PerPod(Pool pool, long gpus) => GpuCounts.PerPod(gpus, _request.Job.Parallelism.Tensor, pool, _request.GpusPerNode);

    private PoolFit With(int setting) => _fits[setting] ??= new PoolFit(
        _request with { Open = _request.Open & OpenFields.Data, Job = _request.Job with { Training = _settings[setting].ApplyTo(_request.Job.Training) } }, _facts);

    private readonly record struct Setting(Recompute Recompute, long Sequences)
    {
        public TrainingSpec ApplyTo(TrainingSpec training) =>
            training with { Recompute = Recompute, MicroBatchSize = Sequences, RecomputeModules = Recompute == Recompute.Selective ? training.RecomputeModules : RecomputeModules.None, RecomputeLayers = Recompute == Recompute.Full ? training.RecomputeLayers : null };
    }
}
