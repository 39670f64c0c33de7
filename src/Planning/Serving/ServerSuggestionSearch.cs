using GpuMem.Planning.Suggestions;

namespace GpuMem.Planning.Serving;

/// <summary>
/// Finds the cheapest changes that make an engine start and serve. What the author fixed is never changed for them: it is proposed here, and only
/// after the changed server has been planned like any other.
/// </summary>
internal static class ServerSuggestionSearch
{
    private const int Most = 5;

    /// <summary>Pools on which combinations are tried: those that came nearest.</summary>
    private const int Nearest = 4;

    /// <param name="request">The server as it is.</param>
    /// <param name="allowed">The pools that it may use.</param>
    /// <param name="all">The pools there are.</param>
    /// <param name="candidates">The server on each pool it may use, the best first.</param>
    public static IReadOnlyList<ServerSuggestion> Find(ServerRequest request, IReadOnlyList<Pool> allowed, IReadOnlyList<Pool> all, IReadOnlyList<ServerCandidate> candidates)
    {
        // Whatever holds all that was asked for is better than what starts and holds less.
        var current = candidates[0].HoldsLess ? Verdict.DoesNotFit : candidates[0].Verdict;
        allowed = PoolKinds.OneOfEach(allowed, request.Objective);
        var found = ServerKnobs.All.Select(knob => FirstThatServes(knob(request, allowed), allowed, current)).OfType<Ranked>().ToList();
        if (request.Pools.Count > 0 && OtherPool(request, PoolKinds.OneOfEach(all, request.Objective), current) is { } other)
            found.Add(other);
        var nearest = PoolKinds.OneOfEach([.. candidates.Take(Nearest).Select(candidate => candidate.Pool)], request.Objective);
        if (SmallerTensor(request, nearest, current) is { } smaller && !found.Exists(single => single.Suggestion.Result.Spec.Tensor == smaller.Suggestion.Result.Spec.Tensor))
            found.Add(smaller);
        if (!found.Exists(ranked => ranked.Suggestion.Result.Verdict == Verdict.Fits))
            found.AddRange(Pairs(request, nearest, found.Count > 0 ? Verdict.AtRisk : current));
        // Where something does with the GPUs that there are, what takes others is no fix.
        if (found.Exists(ranked => ranked.Suggestion.Result is { Verdict: Verdict.Fits, GpusShort: 0 }))
            found.RemoveAll(ranked => ranked.Suggestion.Result.GpusShort > 0);
        return [.. found
            .DistinctBy(ranked => string.Join(", ", ranked.Suggestion.Changes.Select(change => change.ToString()).Order(StringComparer.Ordinal)))
            .OrderBy(ranked => ranked.Suggestion.Result.GpusShort > 0)
            .ThenBy(ranked => ranked.Suggestion.Result.Verdict)
            .ThenBy(ranked => ranked.Effort)
            .ThenBy(ranked => ranked.Suggestion.Changes.Count)
            .Take(Most)
            .Select(ranked => OnAnyPool(ranked, allowed))
            .Select(fix => fix with { Cost = LinkCost.Of(fix.Cost, fix.Changes.Select(change => change.Path), fix.Result.Spec.Tensor, fix.Result.Pool) })];
    }

    public static ServerCandidate? Best(ServerRequest request, IReadOnlyList<Pool> pools)
    {
        var fit = new ServerFit(request);
        return pools.Select(pool => fit.Evaluate(pool, out _)).OfType<ServerCandidate>().Min<ServerCandidate>(new CandidateOrder(request.Objective));
    }

    /// <summary>Where the changed server would really go, of all pools that it may use.</summary>
    private static ServerSuggestion OnAnyPool(Ranked ranked, IReadOnlyList<Pool> allowed) =>
        ranked.IsOtherPool || Best(ranked.Request, allowed) is not { } best ? ranked.Suggestion : ranked.Suggestion with { Result = best };

    /// <summary>The fewest GPUs on which some context is served: what people choose who have no more of them. Where all of it may be, less than half is no better.</summary>
    private static Ranked? SmallerTensor(ServerRequest request, IReadOnlyList<Pool> pools, Verdict current) => ServerKnobs.Tensor(request, pools)
        .Select(tensor =>
        {
            var mayServeAll = FirstThatServes([tensor], pools, current) is not null;
            var shorter = ServerKnobs.Context(tensor.Request, pools).Where(context => !mayServeAll || context.Request.ContextLength * 2 >= request.ContextLength);
            return FirstThatServes([tensor, .. shorter.Select(tensor.And)], pools, current);
        })
        .FirstOrDefault(ranked => ranked is not null);

    /// <summary>Two knobs at a time, a large one and another, for servers that no single change saves for sure.</summary>
    private static IEnumerable<Ranked> Pairs(ServerRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        foreach (var large in ServerKnobs.Large)
            foreach (var other in ServerKnobs.All.Where(knob => knob != large))
            {
                // The larger change first: how long a context may be depends on it.
                var steps = large(request, pools).SelectMany(one => other(one.Request, pools).Select(one.And));
                if (FirstThatServes(steps, pools, current) is { } ranked)
                    yield return ranked;
            }
    }

    private static Ranked? FirstThatServes(IEnumerable<ServerStep> steps, IReadOnlyList<Pool> pools, Verdict current)
    {
        Ranked? atRisk = null;
        foreach (var step in steps)
        {
            if (Best(step.Request, pools) is not { Verdict: Verdict.Fits or Verdict.AtRisk, IsExpectedToFit: true } best || best.Verdict >= current)
                continue;
            // A tensor parallel group that crosses nodes runs, but nobody should be sent there.
            if (best.Spec.Tensor > best.GpusPerNode || (step.Changes.Any(change => change.Path == "pipeline") && GpuCounts.HasTooManyStages(best.Spec.Pipeline, best.Pool)))
                continue;
            var ranked = new Ranked(new ServerSuggestion { Changes = step.Changes, Result = best, Cost = step.Cost }, step.Request, step.Effort);
            if (best.Verdict == Verdict.Fits)
                return ranked;
            atRisk ??= ranked;
        }
        return atRisk;
    }

    private static Ranked? OtherPool(ServerRequest request, IReadOnlyList<Pool> pools, Verdict current)
    {
        var best = Best(request, pools);
        return best is not { Verdict: Verdict.Fits or Verdict.AtRisk, IsExpectedToFit: true } || best.Verdict >= current
            ? null
            : new Ranked(new ServerSuggestion { Changes = [ServerFields.Pools(best.Pool.Name)], Result = best }, request, Efforts.Slower) { IsOtherPool = true };
    }

    private sealed record Ranked(ServerSuggestion Suggestion, ServerRequest Request, int Effort)
    {
        /// <summary>The server stays as it is, and goes to a pool that its author did not name.</summary>
        public bool IsOtherPool { get; init; }
    }
}
