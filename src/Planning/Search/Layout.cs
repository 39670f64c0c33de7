using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>How model and states are divided over GPUs, with the settings that are left open beside it.</summary>
internal sealed class Layout
{
    private readonly PlanRequest _request;
    private readonly ParallelismSpec _layout;
    private readonly JobFacts _facts;
    private readonly Setting[] _settings;

    // GPUs that hold one copy of the model.
    private readonly long _gpusOfOne;
    private readonly Layout? _longer;
    private PoolFit? _first;
    private PoolFit?[]? _others;
    private PoolFit? _leastNeedy;
    private bool _isInvalid;
    private (long Limit, long Gpus, Bytes? BesideStates) _most = (-1, 0, null);

    /// <param name="request">What was asked.</param>
    /// <param name="layout">The sizes.</param>
    /// <param name="settings">The least needy first: by recomputation, then by micro-batch.</param>
    /// <param name="longer">The same with its sequences divided over more ranks.</param>
    /// <param name="facts">Of the job.</param>
    public Layout(PlanRequest request, ParallelismSpec layout, Setting[] settings, Layout? longer, JobFacts facts)
    {
        (_request, _layout, _settings, _longer, _facts) = (request, layout, settings, longer, facts);
        _gpusOfOne = layout.ModelParallelSize;
        while (MicroBatches < settings.Length && settings[MicroBatches].Recompute == settings[0].Recompute)
            MicroBatches++;
    }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which this layout fits for sure with any settings; null when it does on none.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="limit">The most.</param>
    /// <param name="from">On fewer it is known not to fit.</param>
    /// <remarks>
    /// No settings need less than the least needy, with one exception: a larger micro-batch may where it is all of a step, for no gradients of earlier
    /// micro-batches then lie beside its activations.
    /// </remarks>
    public long? LeastThatFits(Pool pool, long limit, long from = 0)
    {
        if (NeedsMoreThan(pool.UsableMemory, limit) || FewestGpus(pool, limit, from) is not { } fewest || LeastNeedy(pool, limit) is not { } needy)
            return null;
        var least = needy.LeastThatFits(pool, limit, fewest);
        if (KeepsGradients || needy.IsImpossible(pool, limit) || needy.NeedsMoreThanStates(pool, limit))
            return least;
        for (var i = 0; i < _settings.Length && _settings[i].Recompute == _settings[0].Recompute; i++)
        {
            if (SoldInOneMicroBatch(pool, i, least - 1 ?? limit) is not { } gpus || gpus < fewest)
                continue;
            if (With(i).FitsOn(pool, gpus))
                least = gpus;
            else if (!FewerMayNeedLess)
                break;
        }

        return least;
    }

    /// <summary>Its states alone have no room on fewer of the GPUs that the job can have, up to <paramref name="limit"/>; null when they have on none.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="limit">The most.</param>
    /// <param name="from">No fewer are of interest.</param>
    public long? FewestGpus(Pool pool, long limit, long from = 0)
    {
        var fewest = pool.UsableMemory is { } memory ? States.FewestGpus(_layout, memory) : 1;
        if (fewest is not { } least)
            return null;
        var counts = Counts(pool, Math.Max(least, from), limit);
        return counts.Count > 0 ? counts[0] : null;
    }

    /// <summary>The numbers of GPUs that the job can have, ascending, if the author left them open; else the one, whatever the limit.</summary>
    public ArraySegment<long> Counts(Pool pool, long from, long limit)
    {
        var counts = CountsOf(0, pool, _request.DataIsAuto ? limit : long.MaxValue);
        return counts[AtLeast(counts, from)..];
    }

    /// <summary>Where the first is that is no less.</summary>
    private static int AtLeast(ArraySegment<long> counts, long least) => counts.AsSpan().BinarySearch(least) is var at && at < 0 ? ~at : at;

    /// <summary>The numbers of GPUs up to <paramref name="limit"/> that the job can have with one of the settings, ascending.</summary>
    private ArraySegment<long> CountsOf(int setting, Pool pool, long limit) => _request.DataIsAuto
        ? new DivisibleCounts(_request, _layout, _settings[setting].Sequences, _facts).UpTo(pool.GpusPerNode, limit)
        : _layout.WorldSize is var world && world <= limit ? new([world]) : [];

    /// <summary>The job can be so on at most so many GPUs, whatever their memory.</summary>
    public bool IsValid(Pool pool, long limit) => LeastNeedy(pool, limit) is not null;

    /// <summary>With some settings, on at most so many GPUs, the expected size may be no more than the pool's have; false is certain.</summary>
    public bool MayBeExpectedToFit(Pool pool, long limit)
    {
        if (NeedsMoreThan(pool.UsableMemory, limit) || (!FewerMayNeedLess && StatesOn(limit) > pool.UsableMemory && Counts(pool, 0, limit).Count > 0))
            return false;
        if (LeastNeedy(pool, limit) is { } needy)
            return needy.MayBeExpectedToFit(pool, limit) || LeastThatFits(pool, limit) is not null;

        // On a number of GPUs that leaves some of a node over.
        return !_isInvalid && _gpusOfOne <= limit;
    }

    /// <summary>No settings and no number of GPUs take less for what they give; no memory is looked at.</summary>
    public PlacementCost CostAtMost(Pool pool)
    {
        var (model, perPod) = (_gpusOfOne, Math.Max(1, _request.GpusPerNode ?? pool.GpusPerNode));
        var most = MostOf(1);

        // Where there are enough copies of the model experts are cut, and each has the tokens of more ranks.
        if (_layout.Expert > 1 && MostOf(_layout.Expert) is var cut && cut > most)
            most = cut;
        return new(model, (model + perPod - 1) / perPod, (double?)pool.PricePerGpuHour * model, most * LayoutCost.Rounding);

        double? MostOf(int copies) => _facts.TimeOf(_layout, pool, model * copies, perPod)?.Alone(_settings[^1].Sequences).TokensPerSecond(_settings[^1].Recompute, _settings[0].Sequences);
    }

    public int Tensor => _layout.Tensor;

    /// <summary>How experts are cut depends on how many copies of the model there are, and with it what a token costs.</summary>
    public bool MayBeCheaperOnMore => PoolFit.MayBeCheaperOnMore(_layout);

    /// <summary>On more GPUs it takes no less for what it gives; what is offloaded is divided over more hosts.</summary>
    public bool CostsRise => !MayBeCheaperOnMore && _request.Job.Training.Offload.Optimizer == OffloadTarget.None;

    public int Settings => _settings.Length;

    /// <summary>Sizes of a micro-batch, for each way to recompute: settings that recompute alike follow each other, the smallest micro-batch first.</summary>
    public int MicroBatches { get; }

    /// <summary>The fewest GPUs up to <paramref name="limit"/> on which it fits for sure with each of the settings that recompute alike.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="first">The first of those.</param>
    /// <param name="from">On fewer GPUs it fits with no settings.</param>
    /// <param name="limit">The most GPUs.</param>
    /// <param name="least">By setting; what there is no such number for gets the largest that there is.</param>
    /// <remarks>A larger micro-batch needs no less, with the exception of <see cref="LeastThatFits"/>; and of steps that are one micro-batch, the smaller one on more GPUs needs no more.</remarks>
    public void LeastThatFit(Pool pool, int first, long from, long limit, Span<long> least)
    {
        var (mayFit, mayFitInOne) = (true, true);
        for (var i = first; i < first + MicroBatches; i++)
        {
            least[i] = long.MaxValue;
            if (mayFit)
            {
                least[i] = With(i).LeastThatFits(pool, limit, from) ?? long.MaxValue;
                mayFit = least[i] <= limit || With(i).IsValid(pool, limit) != true;
                mayFitInOne = mayFit || !(KeepsGradients || With(i).IsImpossible(pool, limit) || With(i).NeedsMoreThanStates(pool, limit));
            }
            else if (mayFitInOne && SoldInOneMicroBatch(pool, i, limit) is { } gpus && gpus >= from)
            {
                var fits = With(i).FitsOn(pool, gpus);
                mayFitInOne = fits || FewerMayNeedLess;
                least[i] = fits ? gpus : long.MaxValue;
            }
        }
    }

    /// <summary>The most GPUs from <paramref name="least"/> up to <paramref name="capacity"/> on which, if it fitted, it might be better with one of the settings that recompute alike; null when there is no such number.</summary>
    /// <param name="best">Than this.</param>
    /// <param name="first">The first of those settings.</param>
    /// <param name="least">The fewest GPUs.</param>
    /// <param name="capacity">The most GPUs.</param>
    public long? MostThatMay(BestOnPool best, int first, long least, long capacity)
    {
        var counts = CountsOf(first, best.Pool, capacity);
        var most = default(long?);
        for (var (low, high) = (AtLeast(counts, least), counts.Count - 1); low <= high;)
        {
            // Where it costs more on more GPUs, what is too much on some is too much on more.
            var at = CostsRise ? (low + high) / 2 : high;
            if (best.MayBe(CostAt(best.Pool, counts[at]).AtMost(first, MicroBatches)))
                (most, low) = (counts[at], at + 1);
            else
                high = at - 1;
        }

        return most;
    }

    /// <summary>On so many GPUs, or more, it takes no less for what it gives, whatever the settings.</summary>
    public PlacementCost CostFrom(Pool pool, long gpus) => CostsRise ? CostAt(pool, gpus).AtMost(Settings - MicroBatches, MicroBatches) : CostAtMost(pool);

    /// <summary>With one of the settings, what the objective prefers of what fits for sure on GPUs that the pool has.</summary>
    /// <param name="pool">The GPUs.</param>
    /// <param name="setting">Which.</param>
    /// <param name="least">The fewest GPUs on which it fits.</param>
    public Candidate? BestThatFits(Pool pool, int setting, long least) => FewerMayNeedLess ? With(setting).BestThatFits(pool) : With(setting).BestFrom(pool, least);

    /// <summary>What it takes and gives on so many GPUs.</summary>
    public LayoutCost CostAt(Pool pool, long gpus)
    {
        var perPod = GpuCounts.PerPod(gpus, _layout.Tensor, pool, _request.GpusPerNode);
        return new(gpus, gpus / perPod, (double?)pool.PricePerGpuHour * gpus, _facts.TimeOf(_layout, pool, gpus, perPod), _settings);
    }

    /// <summary>Where nothing fits for sure on GPUs that the pool has: with the settings that need the least, what comes before <paramref name="best"/>.</summary>
    public Candidate? Nearest(Pool pool, Candidate? best)
    {
        IReadOnlyList<JobProblem> problems = [];
        var capacity = GpuCounts.Capacity(pool, _request.GpusPerNode);
        if (_request.DataIsAuto && _gpusOfOne > capacity)
            return null;
        if (best is not null && pool is { Unknown: null, LargestMemory: null, UsableMemory: { } usable } && IsFarther(best, usable, capacity))
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

    /// <summary>Without an estimate it is known to come after the best of the same pool; false says nothing.</summary>
    private bool IsFarther(Candidate best, Bytes usable, long capacity)
    {
        if (best.GpusShort > 0)
            return false;
        var most = Bytes.Max(best.Estimate.Expected, usable);
        var states = best.Estimate is { Engine: null, IsGuess: false } ? StatesOn(capacity) : Bytes.Zero;
        return states > most || ((best.Verdict <= Verdict.DoesNotFit || states > usable) && NeedsMoreThan(most, capacity));
    }

    /// <summary>What each GPU has for certain on at most so many of them, if they hold a copy of the model.</summary>
    private Bytes StatesOn(long limit) => _request.DataIsAuto && _gpusOfOne <= limit ? States.OnEach(_layout, Most(limit)) : Bytes.Zero;

    /// <summary>
    /// With any settings it is expected to need more, for it would with its sequences divided over more ranks: on as many GPUs these have the same states
    /// and no larger activations, though their gradients may stay where a step was one micro-batch. False says nothing.
    /// </summary>
    private bool NeedsMoreThan(Bytes? memory, long limit) => _longer is { } longer && memory is { } size && !FewerMayNeedLess && longer.NeedsMoreThan(size, limit, Most(limit));

    private bool NeedsMoreThan(Bytes memory, long limit, long gpus)
    {
        if (_longer?.NeedsMoreThan(memory, limit, gpus) == true)
            return true;
        if (Most(limit) is var most && (most > limit || gpus > most))
            return false;
        return (_most.BesideStates ??= _first?.BesideStates(_most.Gpus)) > memory;
    }

    /// <summary>The most GPUs up to <paramref name="limit"/>; one copy of the model at the least.</summary>
    private long Most(long limit)
    {
        if (_most.Limit != limit)
            _most = (limit, _request.DataIsAuto ? _facts.MostRanks(limit / _gpusOfOne, _settings[0].Sequences) * _gpusOfOne : _layout.WorldSize, null);
        return _most.Gpus;
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

    /// <summary>Gradients have a buffer of their own, which stays when a step is over: no step is too short to keep them.</summary>
    private bool KeepsGradients => _request.Job.Training.Framework is TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron;

    private CertainStates States => _facts.StatesUnder(_layout.Sharding);

    /// <summary>Experts lie otherwise over three copies than over two or four.</summary>
    private bool FewerMayNeedLess => _layout.Expert > 1;

    /// <summary>GPUs, at most so many, that the pool sells and with which a step is one micro-batch of each; null when there is no such number.</summary>
    private long? SoldInOneMicroBatch(Pool pool, int setting, long most) =>
        InOneMicroBatch(_settings[setting].Sequences) is { } gpus && gpus <= most && With(setting).IsSold(pool, gpus) ? gpus : null;

    /// <summary>GPUs with which a step is one micro-batch of each; null when there is no such number.</summary>
    private long? InOneMicroBatch(long sequences)
    {
        if (_request.Job.Training.GlobalBatchSize is not { } batch || batch % sequences != 0)
            return null;
        var ranks = batch / sequences;
        return ranks > JobLimits.MaxParallelDegree || (!_request.DataIsAuto && ranks != _layout.Data) ? null : ranks * _gpusOfOne;
    }

    /// <summary>Of most layouts nobody asks for more than the first settings.</summary>
    private PoolFit With(int setting) => setting == 0 ? _first ??= Fit(0) : (_others ??= new PoolFit?[_settings.Length])[setting] ??= Fit(setting);

    private PoolFit Fit(int setting) => new(_request with { Open = _request.Open & OpenFields.Data, Job = _request.Job with { Parallelism = _layout, Training = _settings[setting].Training } }, _facts);
}
