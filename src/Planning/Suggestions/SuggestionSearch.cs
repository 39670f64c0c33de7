using GpuMem.Estimation.Jobs;
using GpuMem.Planning.Search;

namespace GpuMem.Planning.Suggestions;

/// <summary>
/// Finds the cheapest changes that make a job fit. What the author fixed is never changed for them: it is proposed here. A change after which
/// the expected size is still more than the GPU has is no fix, however likely the allocator's cache is to give way.
/// </summary>
internal static class SuggestionSearch
{
    private const int Most = 5;

    /// <summary>Pools on which combinations are tried: those that came nearest. Trying all would cost a hundred plans for each of them.</summary>
    private const int Nearest = 4;

    /// <param name="request">The job as it is.</param>
    /// <param name="allowed">The pools that it may use.</param>
    /// <param name="all">The pools there are.</param>
    /// <param name="candidates">The job on each pool it may use, the best first.</param>
    public static IReadOnlyList<Suggestion> Find(PlanRequest request, IReadOnlyList<Pool> allowed, IReadOnlyList<Pool> all, IReadOnlyList<Candidate> candidates)
    {
        var current = candidates[0].Verdict;
        allowed = PoolKinds.OneOfEach(allowed, request.Objective);
        var found = Single(request, allowed, current).ToList();
        if (request.Pools.Count > 0 && OtherPool(request, PoolKinds.OneOfEach(all, request.Objective), current) is { } other)
            found.Add(other);
        var nearest = PoolKinds.OneOfEach([.. candidates.Take(Nearest).Select(candidate => candidate.Pool)], request.Objective);
        if (!found.Exists(suggestion => suggestion.Suggestion.Result.Verdict == Verdict.Fits))
            found.AddRange(Pairs(request, nearest, found.Count > 0 ? Verdict.AtRisk : current));
        if (found.Count == 0 && AnotherLayout(request, nearest, current) is { } layout)
            found.Add(layout);
        if (found.Count == 0)
            found.AddRange(Everything(request, nearest, current));
        return [.. found
            .OrderBy(ranked => ranked.Suggestion.Result.Verdict)
            .ThenBy(ranked => ranked.Suggestion.Result.GpusShort > 0)
            .ThenBy(ranked => ranked.Effort)
            .ThenBy(ranked => ranked.Suggestion.Changes.Count)
            .Select(ranked => OnAnyPool(ranked, allowed))
            .Where(suggestion => Helps(suggestion.Result, current))
            .Take(Most)
            .OrderBy(suggestion => suggestion.Result.Verdict)
            .ThenBy(suggestion => suggestion.Result.GpusShort > 0)];
    }

    /// <summary>Where the changed job would really go, of all pools that it may use.</summary>
    private static Suggestion OnAnyPool(Ranked ranked, IReadOnlyList<Pool> allowed) =>
        ranked.IsFinal || Best(ranked.Request, allowed) is not { } best ? ranked.Suggestion : ranked.Suggestion with { Result = best };

    private static IEnumerable<Ranked> Single(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        foreach (var knob in Knobs.All)
            if (FirstThatFits(knob(request), pools, current) is { } ranked)
                yield return ranked with { IsFinal = true };
    }

    /// <summary>Two knobs at a time, for jobs that no single change saves for sure.</summary>
    private static IEnumerable<Ranked> Pairs(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        for (var first = 0; first < Knobs.All.Count; first++)
            for (var second = first + 1; second < Knobs.All.Count; second++)
            {
                var steps = Knobs.All[first](request).SelectMany(one => Knobs.All[second](one.Request).Select(two => Both(one, two)));
                if (FirstThatFits(steps, pools, current) is { } ranked)
                    yield return ranked;
            }
    }

    /// <summary>Every knob to its end, in the order of effort, until the job fits.</summary>
    private static IEnumerable<Ranked> Everything(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        var all = new Step(request, [], 0, null);
        foreach (var knob in Knobs.All)
        {
            var strongest = knob(all.Request).LastOrDefault(step => new LayoutSearch(step.Request, pools).IsPossible(pools));
            if (strongest is null)
                continue;
            all = Both(all, strongest);
            if (FirstThatFits([all], pools, current) is { } ranked)
            {
                yield return ranked;
                yield break;
            }
        }
    }

    /// <summary>Every size of the layout left open, and recomputation and micro-batches with them.</summary>
    private static Ranked? AnotherLayout(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
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

    private static Ranked? FirstThatFits(IEnumerable<Step> steps, IReadOnlyList<Pool> pools, Verdict current)
    {
        Ranked? atRisk = null;
        foreach (var step in steps)
        {
            if (Best(step.Request, pools) is not { } best || !Helps(best, current))
                continue;
            // A tensor parallel group that crosses nodes runs, but nobody should be sent there.
            if (best.Job.Parallelism.Tensor > best.Pool.NvLinkGroup && step.Changes.Any(change => change.Path == "parallelism.tensor"))
                continue;
            var ranked = new Ranked(new Suggestion { Changes = step.Changes, Result = best, Cost = step.Cost }, step.Request, step.Effort);
            if (best.Verdict == Verdict.Fits)
                return ranked;
            atRisk ??= ranked;
        }
        return atRisk;
    }

    private static Ranked? OtherPool(PlanRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        if (Best(request, pools) is not { } best || !Helps(best, current))
            return null;
        var suggestion = new Suggestion { Changes = [Fields.Pools(best.Pool.Name)], Result = best };
        return new Ranked(suggestion, request, Efforts.Slower) { IsFinal = true };
    }

    /// <summary>Pods that no node can hold are no help, however much memory there is.</summary>
    private static bool Helps(Candidate best, Verdict current) =>
        best is { Verdict: Verdict.Fits or Verdict.AtRisk, IsExpectedToFit: true, PodsExceedNodes: false } && best.Verdict < current;

    private static Candidate? Best(PlanRequest request, IReadOnlyList<Pool> pools)
    {
        if ((request.Open & ~OpenFields.Data) != OpenFields.None && Planner.RequestProblems(request) is not [])
            return null;
        var (search, order, best) = (new LayoutSearch(request, pools), new CandidateOrder(request.Objective), default(Candidate));
        foreach (var pool in pools)
        {
            if (search.ExpectedOn(pool) is { } candidate && (best is null || order.Compare(candidate, best) < 0))
                best = candidate;
        }

        return best;
    }

    /// <summary>A later change to the same field replaces the earlier one.</summary>
    private static Step Both(Step one, Step two) => new(
        two.Request,
        [.. one.Changes.Where(change => !two.Changes.Any(later => later.Path == change.Path)), .. two.Changes],
        one.Effort + two.Effort,
        (one.Cost, two.Cost) switch { ({ } a, { } b) => $"{a}; {b}", var (a, b) => a ?? b });

    private sealed record Ranked(Suggestion Suggestion, PlanRequest Request, int Effort)
    {
        /// <summary>All pools were asked that the changed job may use.</summary>
        public bool IsFinal { get; init; }
    }
}
