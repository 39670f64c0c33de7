using FsCheck.Xunit;

namespace GpuMem.Planning.Tests.Suggestions;

public sealed class SuggestionProperties
{
    [Property(MaxTest = 1000, Arbitrary = [typeof(NonFitting)])]
    public bool Every_suggestion_leads_where_it_says(Case given)
    {
        var plan = Planner.Plan(given.Request, given.Pools);
        foreach (var suggestion in plan.Suggestions)
            LeadsWhereItSays(given.Request, given.Pools, suggestion);
        return plan.Suggestions.All(suggestion => suggestion.Result.Verdict < plan.Verdict && suggestion.Result.Estimate.Expected <= suggestion.Result.Pool.UsableMemory);
    }

    internal static void LeadsWhereItSays(PlanRequest request, IReadOnlyList<Pool> pools, Suggestion suggestion)
    {
        var plan = Planner.Plan(request.With(suggestion), pools);

        Assert.Equal(suggestion.Result.Verdict, plan.Verdict);
        Assert.Equal(suggestion.Result.Pool.Name, plan.Best!.Pool.Name);
        Assert.Equal(suggestion.Result.Estimate.Expected, plan.Best.Estimate.Expected);
        Assert.Equal((suggestion.Result.Gpus, suggestion.Result.GpusPerNode), (plan.Best.Gpus, plan.Best.GpusPerNode));
    }
}
