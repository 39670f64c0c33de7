using FsCheck.Xunit;

namespace GpuMem.Planning.Tests.Plans;

/// <summary>Over many pools of few kinds, planning works out once what they share: nothing that is answered may tell.</summary>
[Properties(MaxTest = 60, Arbitrary = [typeof(Random)])]
public sealed class ManyPoolsProperties
{
    private const int Rack = 1000;

    [Property]
    public bool Each_candidate_is_what_its_pool_alone_would_give(Case given)
    {
        var pools = Alike(given.Pools);
        var plan = Planner.Plan(given.Request with { Pools = [] }, pools);
        return plan.Candidates.All(candidate =>
            Told(candidate) == Told(Planner.Plan(given.Request with { Pools = [] }, [candidate.Pool]).Best!)
            && candidate.Estimate.Expected == candidate.Job.Estimate().Expected);
    }

    [Property]
    public void Pools_that_are_alike_are_planned_as_if_they_were_not(Case given)
    {
        List<Pool> pools = [.. Alike(given.Pools).Select(pool => pool with { NvLinkDomain = Rack })];
        var request = given.Request with { Pools = [.. given.Request.Pools.SelectMany(name => new[] { $"{name}-0", $"{name}-2" })] };
        // Racks of more GPUs than any group has are as good as each other, but of two kinds.
        var (plan, apart) = (Planner.Plan(request, pools), Planner.Plan(request, [.. pools.Select((pool, i) => pool with { NvLinkDomain = Rack + i })]));

        Assert.Equal(apart.Candidates.Select(Told), plan.Candidates.Select(Told));
        Assert.Equal(apart.Suggestions.Select(Told), plan.Suggestions.Select(Told));
    }

    /// <summary>Each pool four times: names and prices of their own, in no order.</summary>
    private static List<Pool> Alike(IReadOnlyList<Pool> pools) =>
        [.. pools.SelectMany((pool, i) => Enumerable.Range(0, 4).Select(copy => pool with { Name = $"pool-{i}-{3 - copy}", PricePerGpuHour = copy == 3 ? null : pool.PricePerGpuHour + ((i + copy) % 3) }))];

    private static string Told(Suggestion suggestion) => $"{suggestion}: {suggestion.Cost}, {Told(suggestion.Result)}";

    private static string Told(Candidate candidate) =>
        $"{candidate.Pool.Name} {candidate.Verdict} {candidate.Gpus}/{candidate.GpusPerNode} {candidate.Note} {candidate.Estimate.Expected.Value} {candidate.Job.Parallelism} {candidate.Job.Training}";
}
