using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>How model and states are divided over GPUs, with the settings that are left open beside it.</summary>
internal sealed class Layout
{
    private readonly PlanRequest _request;
    private readonly JobSpec _job;
    private readonly JobFacts _facts;
    private readonly Setting[] _settings;
    private PoolFit?[]? _fits;
    private PoolFit? _leastNeedy;
    private bool _isInvalid;
    private Layout? _longer;

    /// <param name="request">What was asked.</param>
    /// <param name="job">With this layout; settings are left open.</param>
    /// <param name="settings">The least needy first: by recomputation, then by micro-batch.</param>
    /// <param name="facts">Of the job.</param>
    private Layout(PlanRequest request, JobSpec job, Setting[] settings, JobFacts facts)
    {
        (_request, _job, _settings, _facts) = (request, job, settings, facts);
        MicroBatches = Array.FindLastIndex(settings, setting => setting.Recompute == settings[0].Recompute) + 1;
    }

    /// <param name="request">A job with open fields.</param>
    /// <param name="largestTensor">GPUs that reach each other over NVLink.</param>
    /// <param name="facts">Of the job.</param>
    public static IReadOnlyList<Layout> All(PlanRequest request, int largestTensor, JobFacts facts)
    {
        Setting[] settings = [.. from recompute in Degrees.Recompute(request) from sequences in Degrees.MicroBatchSize(request) select Setting.Of(request.Job.Training, recompute, sequences)];
        int[] contexts = [.. Degrees.Context(request)];
        var layouts = new List<Layout>();
        foreach (var tensor in Degrees.Tensor(request, largestTensor))
            foreach (var pipeline in Degrees.Pipeline(request))
                foreach (var expert in Degrees.Expert(request))
                    foreach (var sharding in Degrees.Sharding(request))
                    {
                        var shorter = default(Layout);
                        foreach (var context in contexts)
                        {
                            var parallelism = request.Job.Parallelism with { Tensor = tensor, Pipeline = pipeline, Context = context, Expert = expert, Sharding = sharding };
                            if (!request.DataIsAuto && parallelism.WorldSize % (request.GpusPerNode ?? 1) != 0)
                                continue;
                            var layout = new Layout(request, request.Job with { Parallelism = parallelism }, settings, facts);
                            if (shorter is not null)
                                shorter._longer = layout;
                            layouts.Add(shorter = layout);
                        }
                    }

        return layouts;
    }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which this layout fits for sure with any settings; null when it does on none.</summary>
    /// <remarks>
    /// No settings need less than the least needy, with one exception: a larger micro-batch may where it is all of a step, for no gradients of earlier
    /// micro-batches then lie beside its activations.
    /// </remarks>
    public long? LeastThatFits(Pool pool, long limit)
    {
        if (NeedsMoreThan(pool.UsableMemory, limit) || LeastNeedy(pool, limit) is not { } needy)
            return null;
        var least = needy.LeastThatFits(pool, limit);
        if (needy.IsImpossible(pool, limit) || needy.NeedsMoreThanStates(pool, limit))
            return least;
        for (var i = 0; i < _settings.Length && _settings[i].Recompute == _settings[0].Recompute; i++)
        {
            if (SoldInOneMicroBatch(pool, i, least - 1 ?? limit) is not { } gpus)
                continue;
            if (With(i).FitsOn(pool, gpus))
                least = gpus;
            else if (!FewerMayNeedLess)
                break;
        }

        return least;
    }

    /// <summary>The job can be so on at most so many GPUs, whatever their memory.</summary>
    public bool IsValid(Pool pool, long limit) => LeastNeedy(pool, limit) is not null;

    /// <summary>With the least needy settings, on at most so many GPUs, the expected size may be no more than the pool's have; false is certain.</summary>
    public bool MayBeExpectedToFit(Pool pool, long limit)
    {
        if (NeedsMoreThan(pool.UsableMemory, limit))
            return false;
        if (LeastNeedy(pool, limit) is { } needy)
            return needy.MayBeExpectedToFit(pool, limit);

        // On a number of GPUs that leaves some of a node over.
        return !_isInvalid && _job.Parallelism.ModelParallelSize <= limit;
    }

    /// <summary>No settings and no number of GPUs take less for what they give; no memory is looked at.</summary>
    public PlacementCost CostAtMost(Pool pool)
    {
        // Sums in another order differ in their last digits.
        const double rounding = 1 + 1e-9;
        var (model, perPod) = (_job.Parallelism.ModelParallelSize, Math.Max(1, _request.GpusPerNode ?? pool.GpusPerNode));
        var most = MostOf(1);

        // Where there are enough copies of the model experts are cut, and each has the tokens of more ranks.
        if (_job.Parallelism.Expert > 1 && MostOf(_job.Parallelism.Expert) is var cut && cut > most)
            most = cut;
        return new(model, (model + perPod - 1) / perPod, pool.PricePerGpuHour * model, most * rounding);

        double? MostOf(int copies) => _facts.TimeOf(_job, pool, model * copies, perPod)?.Alone(_settings[^1].Sequences).TokensPerSecond(_settings[^1].Recompute, _settings[0].Sequences);
    }

    public int Tensor => _job.Parallelism.Tensor;

    /// <summary>How experts are cut depends on how many copies of the model there are, and with it what a token costs.</summary>
    public bool MayBeCheaperOnMore => PoolFit.MayBeCheaperOnMore(_job.Parallelism);

    public int Settings => _settings.Length;

    /// <summary>Sizes of a micro-batch, for each way to recompute: settings that recompute alike follow each other, the smallest micro-batch first.</summary>
    public int MicroBatches { get; }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which it fits for sure with each of the settings that recompute alike.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="first">The first of those.</param>
    /// <param name="limit">The most GPUs.</param>
    /// <param name="least">By setting; what there is no such number for gets the largest that there is.</param>
    /// <remarks>A larger micro-batch needs no less, with the exception of <see cref="LeastThatFits"/>; and of steps that are one micro-batch, the smaller one on more GPUs needs no more.</remarks>
    public void LeastThatFit(Pool pool, int first, long limit, Span<long> least)
    {
        var (mayFit, mayFitInOne) = (true, true);
        for (var i = first; i < first + MicroBatches; i++)
        {
            least[i] = long.MaxValue;
            if (mayFit)
            {
                least[i] = With(i).LeastThatFits(pool, limit) ?? long.MaxValue;
                mayFit = least[i] <= limit || With(i).IsValid(pool, limit) != true;
                mayFitInOne = mayFit || !(With(i).IsImpossible(pool, limit) || With(i).NeedsMoreThanStates(pool, limit));
            }
            else if (mayFitInOne && SoldInOneMicroBatch(pool, i, limit) is { } gpus)
            {
                var fits = With(i).FitsOn(pool, gpus);
                mayFitInOne = fits || FewerMayNeedLess;
                least[i] = fits ? gpus : long.MaxValue;
            }
        }
    }

    /// <summary>The most GPUs up to <paramref name="capacity"/> on which, if it fitted, it would be of use with one of the settings that recompute alike; null when there is no such number.</summary>
    /// <param name="may">It may be of use at this cost.</param>
    /// <param name="pool">The GPUs.</param>
    /// <param name="first">The first of those settings.</param>
    /// <param name="capacity">The most GPUs.</param>
    public long? MostThatMay(Func<PlacementCost, bool> may, Pool pool, int first, long capacity)
    {
        var counts = With(first).Counts(pool, capacity);
        for (var i = counts.Count - 1; i >= 0; i--)
        {
            for (var setting = first; setting < first + MicroBatches; setting++)
            {
                if (may(CostAt(pool, setting, counts[i])))
                    return counts[i];
            }
        }

        return null;
    }

    /// <summary>With one of the settings, what the objective prefers of what fits for sure on GPUs that the pool has.</summary>
    public Candidate? BestThatFits(Pool pool, int setting) => With(setting).BestThatFits(pool);

    /// <summary>What it takes and gives with one of the settings, whether the memory of so many GPUs is enough or not.</summary>
    public PlacementCost CostAt(Pool pool, int setting, long gpus)
    {
        var perPod = PerPod(pool, gpus);
        return new(gpus, gpus / perPod, pool.PricePerGpuHour * gpus, _facts.TimeOf(_job, pool, gpus, perPod)?.TokensPerSecond(_settings[setting].Recompute, _settings[setting].Sequences));
    }

    /// <summary>The same with each of the settings.</summary>
    public PlacementCost[] CostsAt(Pool pool, long gpus)
    {
        var (perPod, costs) = (PerPod(pool, gpus), new PlacementCost[_settings.Length]);
        var (time, hourly) = (_facts.TimeOf(_job, pool, gpus, perPod), pool.PricePerGpuHour * gpus);
        for (var i = 0; i < costs.Length; i++)
            costs[i] = new(gpus, gpus / perPod, hourly, time?.TokensPerSecond(_settings[i].Recompute, _settings[i].Sequences));
        return costs;
    }

    /// <summary>Where nothing fits for sure on GPUs that the pool has: with the settings that need the least, what comes before <paramref name="best"/>.</summary>
    public Candidate? Nearest(Pool pool, Candidate? best)
    {
        IReadOnlyList<JobProblem> problems = [];
        var capacity = GpuCounts.Capacity(pool, _request.GpusPerNode);
        if (best is { Verdict: <= Verdict.DoesNotFit } && pool is { Unknown: null, LargestMemory: null, UsableMemory: not null } && NeedsMoreThan(Bytes.Max(best.Estimate.Expected, pool.UsableMemory.GetValueOrDefault()), capacity))
            return null;
        return LeastNeedy(pool, capacity) is { } needy && needy.Nearest(pool, ref problems) is { } held && (best is null || !held.IsFartherThan(best))
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

    /// <summary>
    /// With any settings it is expected to need more, for it would with its sequences divided over more ranks: on as many GPUs these have the same states
    /// and no larger activations, though their gradients may stay where a step was one micro-batch. False says nothing.
    /// </summary>
    private bool NeedsMoreThan(Bytes? memory, long limit) => _longer is { } longer && memory is { } size && !FewerMayNeedLess && longer.NeedsMoreThan(size, limit, With(0).Most(limit));

    private bool NeedsMoreThan(Bytes memory, long limit, long gpus) =>
        _longer?.NeedsMoreThan(memory, limit, gpus) == true || (With(0).Most(limit) is var most && gpus <= most && most <= limit && With(0).BesideStates(most) > memory);

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

    /// <summary>Experts lie otherwise over three copies than over two or four.</summary>
    private bool FewerMayNeedLess => _job.Parallelism.Expert > 1;

    /// <summary>GPUs, at most so many, that the pool sells and with which a step is one micro-batch of each; null when there is no such number.</summary>
    private long? SoldInOneMicroBatch(Pool pool, int setting, long most) =>
        InOneMicroBatch(_settings[setting].Sequences) is { } gpus && gpus <= most && With(setting).IsSold(pool, gpus) ? gpus : null;

    /// <summary>GPUs with which a step is one micro-batch of each; null when there is no such number.</summary>
    private long? InOneMicroBatch(long sequences)
    {
        if (_job.Training.GlobalBatchSize is not { } batch || batch % sequences != 0)
            return null;
        var (layout, ranks) = (_job.Parallelism, batch / sequences);
        return ranks > JobLimits.MaxParallelDegree || (!_request.DataIsAuto && ranks != layout.Data) ? null : ranks * layout.ModelParallelSize;
    }

    private int PerPod(Pool pool, long gpus) => GpuCounts.PerPod(gpus, _job.Parallelism.Tensor, pool, _request.GpusPerNode);

    private PoolFit With(int setting) => (_fits ??= new PoolFit?[_settings.Length])[setting] ??= new PoolFit(
        _request with { Open = _request.Open & OpenFields.Data, Job = _job with { Training = _settings[setting].Training } }, _facts);

    private readonly record struct Setting(Recompute Recompute, long Sequences, TrainingSpec Training)
    {
        public static Setting Of(TrainingSpec training, Recompute recompute, long sequences) => new(recompute, sequences, training with
        {
            Recompute = recompute,
            MicroBatchSize = sequences,
            RecomputeModules = recompute == Recompute.Selective ? training.RecomputeModules : RecomputeModules.None,
            RecomputeLayers = recompute == Recompute.Full ? training.RecomputeLayers : null,
        });
    }
}
