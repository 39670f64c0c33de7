using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;
using Knob = System.Func<GpuMem.Planning.PlanRequest, System.Collections.Generic.IEnumerable<GpuMem.Planning.Suggestions.Step>>;

namespace GpuMem.Planning.Suggestions;

/// <summary>
/// Finds the cheapest changes that make a job fit. What the author fixed is never changed for them: it is proposed here. A change after which
/// the expected size is still more than the GPU has is no fix, however likely the allocator's cache is to give way.
/// </summary>
internal sealed class SuggestionSearch
{
    private const int Most = 5;

    /// <summary>Pools on which combinations are tried: those that came nearest. Trying all would cost a hundred plans for each of them.</summary>
    private const int Nearest = 4;

    private readonly IReadOnlyList<Pool> _all;

    // Changes come to the same job in more than one way.
    private readonly Dictionary<PlanRequest, LayoutSearch> _searches = [];

    private readonly LayoutSearch _first;
    private readonly IReadOnlyList<Knob> _knobs;

    private SuggestionSearch(PlanRequest request, IReadOnlyList<Pool> allowed, IReadOnlyList<Pool> all, LayoutSearch search) =>
        (_all, _first, _searches[request], _knobs) = (all, search, search, allowed.All(pool => CrossesNodes(request.Job, pool)) ? Knobs.OfCrossingGroup : Knobs.All);

    /// <param name="request">The job as it is.</param>
    /// <param name="allowed">The pools that it may use.</param>
    /// <param name="all">The pools there are.</param>
    /// <param name="candidates">The job on each pool it may use, the best first.</param>
    /// <param name="search">Of that job.</param>
    public static IReadOnlyList<Suggestion> Find(PlanRequest request, IReadOnlyList<Pool> allowed, IReadOnlyList<Pool> all, IReadOnlyList<Candidate> candidates, LayoutSearch search) =>
        new SuggestionSearch(request, allowed, all, search).Find(request, allowed, candidates);

    private IReadOnlyList<Suggestion> Find(PlanRequest request, IReadOnlyList<Pool> allowed, IReadOnlyList<Candidate> candidates)
    {
        var current = candidates[0].Verdict;
        allowed = PoolKinds.OneOfEach(allowed, request.Objective);
        var alone = Single(request, allowed, current).ToList();
        var found = alone.ConvertAll(single => single.Ranked);
        if (request.Pools.Count > 0 && OtherPool(request, PoolKinds.OneOfEach(_all, request.Objective), current) is { } other)
            found.Add(other);
        var nearest = PoolKinds.OneOfEach([.. candidates.Take(Nearest).Select(candidate => candidate.Pool)], request.Objective);
        if (!found.Exists(KeepsTheResult))
            found.AddRange(Pairs(request, nearest, [.. _knobs.Except(alone.Where(single => single.Ranked.Suggestion.Result.Verdict == Verdict.Fits).Select(single => single.Knob))], found.Count > 0 ? Verdict.AtRisk : current));
        if (!found.Exists(KeepsTheResult) && AnotherLayout(request, nearest, found.Count > 0 ? Verdict.AtRisk : current) is { } layout)
            found.Add(layout);
        if (!found.Exists(ranked => ranked.Suggestion.Changes.Any(change => change.Path == "parallelism.tensor")) && SmallerGroup(request, nearest, current) is { } smaller)
            found.Add(smaller);
        if (!found.Exists(KeepsTheResult))
            found.AddRange(Together(request, nearest, [.. _knobs.Where(knob => !Knobs.ChangesTheResult(knob))], found.Count > 0 ? Verdict.AtRisk : current));
        if (!found.Exists(ranked => ranked.Suggestion.Result.Verdict == Verdict.Fits))
            found.AddRange(Together(request, nearest, _knobs, found.Count > 0 ? Verdict.AtRisk : current));
        // With those that there are nothing does: what it would take is said all the same.
        if (found.Count == 0)
            found.AddRange(Together(request, nearest, _knobs, current, onAnyNumber: true));
        // Where something does with the GPUs that there are, what takes others is no fix, and never what would be tight even so.
        if (found.Exists(ranked => KeepsTheResult(ranked) && ranked.Suggestion.Result.GpusShort == 0))
            found.RemoveAll(ranked => ranked.Suggestion.Result.GpusShort > 0);
        else if (found.Exists(ranked => ranked.Suggestion.Result.Verdict == Verdict.Fits))
            found.RemoveAll(IsDoubtful);
        return [.. found
            .OrderBy(ranked => ranked.Suggestion.Result.Verdict)
            .ThenBy(ranked => ranked.Suggestion.Result.GpusShort > 0)
            .ThenBy(ranked => CrossesNodes(ranked.Suggestion.Result.Job, ranked.Suggestion.Result.Pool))
            .ThenBy(ranked => ranked.ChangesTheMethod)
            .ThenBy(ranked => ranked.Effort)
            .ThenBy(ranked => ranked.Suggestion.Changes.Count)
            .Select(ranked => OnAnyPool(ranked, allowed))
            .Where(suggestion => Helps(suggestion.Result, current))
            .Take(Most)
            .Select(suggestion => suggestion with { Cost = LinkCost.Of(suggestion.Cost, suggestion.Changes.Select(change => change.Path), suggestion.Result.Job.Parallelism.Tensor, suggestion.Result.Pool) })
            .OrderBy(suggestion => suggestion.Result.Verdict)
            .ThenBy(suggestion => suggestion.Result.GpusShort > 0)];
    }

    /// <summary>Where the changed job would really go, of all pools that it may use.</summary>
    private Suggestion OnAnyPool(Ranked ranked, IReadOnlyList<Pool> allowed) =>
        ranked.IsFinal || Best(ranked.Request, allowed) is not { } best ? ranked.Suggestion : ranked.Suggestion with { Result = best };

    /// <summary>It fits for sure, and trains what its author wanted trained: who asked for all weights is not told of adapters alone.</summary>
    private static bool KeepsTheResult(Ranked ranked) => ranked.Suggestion.Result.Verdict == Verdict.Fits && !ranked.ChangesTheMethod;

    private IEnumerable<(Knob Knob, Ranked Ranked)> Single(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        foreach (var knob in _knobs)
            if (FirstThatFits(knob(request), pools, current) is { } ranked)
                yield return (knob, ranked with { IsFinal = true });
    }

    /// <summary>Two knobs at a time, for jobs that no single change saves for sure.</summary>
    private IEnumerable<Ranked> Pairs(PlanRequest request, IReadOnlyList<Pool> pools, IReadOnlyList<Knob> knobs, Verdict current)
    {
        for (var first = 0; first < knobs.Count; first++)
            for (var second = first + 1; second < knobs.Count; second++)
            {
                var steps = knobs[first](request).SelectMany(one => knobs[second](one.Request).Select(two => Both(one, two)));
                if (FirstThatFits(steps, pools, current) is { } ranked)
                    yield return ranked;
            }
    }

    /// <summary>Every knob to its end, in the order of effort, until the job fits for sure, and then without those that it does not take; else the first with which it may.</summary>
    private IEnumerable<Ranked> Together(PlanRequest request, IReadOnlyList<Pool> pools, IReadOnlyList<Knob> knobs, Verdict current, bool onAnyNumber = false)
    {
        var (turned, last, atRisk) = (new List<Step>(), request, default(Ranked));
        foreach (var knob in knobs)
        {
            List<Step> possible = [.. knob(last).Where(step => SearchFor(step.Request).IsPossible(pools))];
            var strongest = possible.FindLast(step => onAnyNumber || HasGpus(step.Request, pools)) ?? possible.LastOrDefault();
            if (strongest is null)
                continue;
            turned.Add(strongest);
            last = strongest.Request;
            if (FirstThatFits([All(request, turned)], pools, current) is not { } ranked)
                continue;
            if (ranked.Suggestion.Result.Verdict == Verdict.Fits)
            {
                yield return Least(request, turned, ranked, pools, current);
                yield break;
            }
            atRisk ??= Least(request, [.. turned], ranked, pools, current);
        }

        if (atRisk is not null)
            yield return atRisk;
    }

    /// <summary>Some pool has the GPUs that it takes.</summary>
    private static bool HasGpus(PlanRequest request, IReadOnlyList<Pool> pools) => request.DataIsAuto || pools.Any(pool => request.Job.Parallelism.WorldSize <= GpuCounts.Capacity(pool, request.GpusPerNode));

    /// <summary>Without each change that makes no difference to whether it fits, those that ask most first.</summary>
    private Ranked Least(PlanRequest request, List<Step> turned, Ranked ranked, IReadOnlyList<Pool> pools, Verdict current)
    {
        foreach (var step in turned.OrderByDescending(step => step.Effort).ToList())
        {
            List<Step> fewer = [.. turned.Where(other => other != step)];
            if (fewer.Count == 0 || FirstThatFits([All(request, fewer)], pools, current) is not { } without || without.Suggestion.Result.Verdict > ranked.Suggestion.Result.Verdict)
                continue;
            (turned, ranked) = (fewer, without);
        }

        return ranked;
    }

    /// <summary>One step of all these, each made to the job as the last one left it.</summary>
    private static Step All(PlanRequest request, IEnumerable<Step> steps) =>
        steps.Aggregate(new Step(request, [], 0, null), (all, step) => Both(all, step with { Request = step.Changes.Aggregate(all.Request, (changed, change) => change.ApplyTo(changed)) }));

    /// <summary>Every size of the layout left open, and recomputation and micro-batches with them.</summary>
    private Ranked? AnotherLayout(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        if (!Knobs.DividesLayers(request.Job.Training))
            return null;
        var open = OpenFields.Data | OpenFields.Tensor | OpenFields.Context | OpenFields.Recompute
            | (request.Job.Training.Framework == TrainingFramework.Megatron ? OpenFields.Pipeline : OpenFields.None)
            | (request.Job.Training.GlobalBatchSize is null ? OpenFields.None : OpenFields.MicroBatchSize);
        if (Best(request with { Open = request.Open | open }, pools) is not { } best || !Helps(best, current))
            return null;
        var (layout, training, changed) = (best.Job.Parallelism, best.Job.Training, open & ~request.Open);
        var changes = new List<Change<PlanRequest>>();
        void Set<T>(OpenFields field, T was, T value, Change<PlanRequest> change)
        {
            if (changed.HasFlag(field) && !Equals(was, value))
                changes.Add(change);
        }

        Set(OpenFields.Tensor, request.Job.Parallelism.Tensor, layout.Tensor, Fields.Tensor(layout.Tensor));
        Set(OpenFields.Pipeline, request.Job.Parallelism.Pipeline, layout.Pipeline, Fields.Pipeline(layout.Pipeline));
        Set(OpenFields.Context, request.Job.Parallelism.Context, layout.Context, Fields.Context(layout.Context));
        Set(OpenFields.Recompute, request.Job.Training.Recompute, training.Recompute, Fields.Recompute(training.Recompute));
        Set(OpenFields.MicroBatchSize, request.Job.Training.MicroBatchSize, training.MicroBatchSize, Fields.MicroBatchSize(training.MicroBatchSize));
        Set(OpenFields.Data, request.Job.Parallelism.Data, layout.Data, Fields.Data(layout.Data));
        if (request.Job.Training.RecomputeModules != training.RecomputeModules)
            changes.Add(Fields.NoRecomputeModules());
        if (request.Job.Training.RecomputeLayers != training.RecomputeLayers)
            changes.Add(Fields.NoRecomputeLayers());
        var step = Step.Of(request, Efforts.OtherLayout, "another layout over the GPUs", [.. changes]);
        return FirstThatFits([step], pools, current);
    }

    /// <summary>Without a tensor parallel group that no node holds: it runs, and waits for the network in every layer. With whatever else that takes, but for another result.</summary>
    private Ranked? SmallerGroup(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        if (_knobs != Knobs.OfCrossingGroup || Knobs.SmallerTensor(request).LastOrDefault() is not { } step)
            return null;
        return Together(step.Request, pools, Knobs.BesideSmallerTensor, current).FirstOrDefault() is not { } ranked ? null : ranked with
        {
            Effort = step.Effort + ranked.Effort,
            Suggestion = ranked.Suggestion with { Changes = Merged(step.Changes, ranked.Suggestion.Changes), Cost = Joined(step.Cost, ranked.Suggestion.Cost) },
        };
    }

    private Ranked? FirstThatFits(IEnumerable<Step> steps, IReadOnlyList<Pool> pools, Verdict current)
    {
        Ranked? atRisk = null;
        foreach (var step in steps)
        {
            if (Best(step.Request, pools) is not { } best || !Helps(best, current))
                continue;
            // A tensor parallel group that crosses nodes runs, but nobody should be sent there.
            if (best.Job.Parallelism.Tensor > best.Pool.NvLinkGroup && step.Changes.Any(change => change.Path == "parallelism.tensor"))
                continue;
            if (GpuCounts.HasTooManyStages(best.Job.Parallelism.Pipeline, best.Pool) && step.Changes.Any(change => change.Path == "parallelism.pipeline"))
                continue;
            var ranked = new Ranked(new Suggestion { Changes = step.Changes, Result = best, Cost = step.Cost }, step.Request, step.Effort);
            if (best.Verdict == Verdict.Fits)
                return ranked;
            // More GPUs than there are, and even those only if nothing needs more than expected: the next step may at least be sure of the memory.
            if (atRisk is null || (IsDoubtful(atRisk) && !IsDoubtful(ranked)))
                atRisk = ranked;
        }
        return atRisk;
    }

    /// <summary>A tensor parallel group is larger than a node, and than what NVLink reaches.</summary>
    private static bool CrossesNodes(JobSpec job, Pool pool) => job.Parallelism.Tensor > Math.Max(pool.GpusPerNode, pool.NvLinkGroup);

    private static bool IsDoubtful(Ranked ranked) => ranked.Suggestion.Result is { GpusShort: > 0, HasRoom: false };

    private Ranked? OtherPool(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        if (Best(request, pools) is not { } best || !Helps(best, current))
            return null;
        var suggestion = new Suggestion { Changes = [Fields.Pools(best.Pool.Name)], Result = best };
        return new Ranked(suggestion, request, Efforts.Slower) { IsFinal = true };
    }

    /// <summary>Pods that no node can hold are no help, however much memory there is.</summary>
    private static bool Helps(Candidate best, Verdict current) =>
        best is { Verdict: Verdict.Fits or Verdict.AtRisk, IsExpectedToFit: true, PodsExceedNodes: false } && best.Verdict < current;

    private Candidate? Best(PlanRequest request, IReadOnlyList<Pool> pools)
    {
        if ((request.Open & ~OpenFields.Data) != OpenFields.None && Planner.RequestProblems(request) is not [])
            return null;
        var (search, order, best) = (SearchFor(request), new CandidateOrder(request.Objective), default(Candidate));
        foreach (var pool in pools)
        {
            if (search.ExpectedOn(pool) is { } candidate && (best is null || order.Compare(candidate, best) < 0))
                best = candidate;
        }

        return best;
    }

    private LayoutSearch SearchFor(PlanRequest request)
    {
        if (!_searches.TryGetValue(request, out var search))
            _searches[request] = search = new LayoutSearch(request, _all, _first);
        return search;
    }

    /// <summary>A later change to the same field replaces the earlier one.</summary>
    private static Step Both(Step one, Step two) => new(
        two.Request,
        Merged(one.Changes, two.Changes),
        one.Effort + two.Effort,
        Joined(one.Cost, two.Cost));

    private static IReadOnlyList<Change<PlanRequest>> Merged(IReadOnlyList<Change<PlanRequest>> earlier, IReadOnlyList<Change<PlanRequest>> later) =>
        [.. earlier.Where(change => !later.Any(again => again.Path == change.Path)), .. later];

    private static string? Joined(string? one, string? two) => (one, two) switch { ({ } a, { } b) => $"{a}; {b}", var (a, b) => a ?? b };

    private sealed record Ranked(Suggestion Suggestion, PlanRequest Request, int Effort)
    {
        public bool ChangesTheMethod => Suggestion.Changes.Any(change => change.Path == "training.method");

        /// <summary>All pools were asked that the changed job may use.</summary>
        public bool IsFinal { get; init; }
    }
}
