using FsCheck.Xunit;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Planning.Tests.Serving;

[Properties(MaxTest = 300, Arbitrary = [typeof(RandomServers)])]
public sealed class ServerProperties
{
    [Property]
    public void Every_suggestion_leads_where_it_says_and_is_never_worse(ServerCase given)
    {
        var plan = ServerPlanner.Plan(given.Request, given.Pools);
        foreach (var suggestion in plan.Suggestions)
        {
            var changed = ServerPlanner.Plan(given.Request.With(suggestion), given.Pools);

            Assert.True(changed.Verdict < plan.Verdict, $"{suggestion}: {plan.Verdict} became {changed.Verdict}");
            Assert.Equal((suggestion.Result.Verdict, suggestion.Result.Pool.Name, suggestion.Result.Spec), (changed.Verdict, changed.Best!.Pool.Name, changed.Best.Spec));
            Assert.True(changed.Best.IsExpectedToFit);
        }
    }

    [Property]
    public bool The_verdict_is_that_of_the_best_candidate(ServerCase given)
    {
        var plan = ServerPlanner.Plan(given.Request, given.Pools);
        return plan.Verdict switch
        {
            Verdict.Invalid => plan.Problems.Count > 0 && plan.Candidates.Count == 0,
            Verdict.Unknown when plan.Best is null => plan.UnplacedEstimate is not null,
            _ => plan.Verdict == plan.Best!.Verdict && plan.Candidates.All(candidate => candidate.Verdict >= plan.Verdict),
        };
    }

    [Property]
    public bool Only_what_was_left_open_is_chosen(ServerCase given) => ServerPlanner.Plan(given.Request, given.Pools).Candidates.All(candidate =>
        candidate.Spec with { Tensor = given.Request.Spec.Tensor, MaxBatchedTokens = given.Request.Spec.MaxBatchedTokens } == given.Request.Spec
        && (given.Request.TensorIsAuto || candidate.Spec.Tensor == given.Request.Spec.Tensor)
        && candidate.Nodes * candidate.GpusPerNode >= candidate.Gpus);

    [Property]
    public bool A_server_that_is_refused_would_hold_no_sequence(ServerCase given) => ServerPlanner.Plan(given.Request, given.Pools).Candidates
        .Where(candidate => candidate.Verdict.Rejects() && candidate.Estimate.AllocatorUse is null && candidate.EngineProblem is null)
        .All(candidate => candidate.Capacity is { } capacity && (capacity.Sequences == 0 || capacity.Cache.Value == 0));

    [Property]
    public bool Headroom_never_rejects(ServerCase given) =>
        ServerPlanner.Plan(given.Request with { HeadroomPercent = 0 }, given.Pools).Verdict.Rejects()
        == ServerPlanner.Plan(given.Request with { HeadroomPercent = 30 }, given.Pools).Verdict.Rejects();

    [Property]
    public bool Another_pool_never_makes_the_verdict_worse(ServerCase given)
    {
        var request = given.Request with { Pools = [] };
        return given.Pools.Count < 2 || ServerPlanner.Plan(request, given.Pools).Verdict <= ServerPlanner.Plan(request, [.. given.Pools.Skip(1)]).Verdict;
    }

    [Property]
    public bool There_are_always_words_and_never_too_many(ServerCase given)
    {
        var plan = ServerPlanner.Plan(given.Request, given.Pools);
        return ServerText.Line(plan) is { Length: > 0 and <= 120 } && ServerText.Full(plan, "kubectl describe modelserver/x") is { Length: > 0 and <= VerdictText.MaxLength };
    }
}
