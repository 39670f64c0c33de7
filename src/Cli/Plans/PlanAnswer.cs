using System.Text.Json.Nodes;
using GpuMem.Estimation.Jobs;
using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Plans;

/// <summary>What <c>plan</c> found, of a job or of a server.</summary>
/// <param name="Verdict">On the best pool.</param>
/// <param name="Message">The verdict in words.</param>
/// <param name="Problems">Why it cannot be at all.</param>
/// <param name="Candidates">Every pool, the best first.</param>
/// <param name="Suggestions">What would make it fit, for machines.</param>
internal sealed record PlanAnswer(Verdict Verdict, string Message, IReadOnlyList<JobProblem> Problems, IReadOnlyList<ICandidate> Candidates, JsonArray Suggestions)
{
    /// <summary>They are GPUs of the catalogue, of which nobody says that there are any.</summary>
    public bool IsAnywhere { get; private init; }

    /// <summary>What is wrong with the pools that were given.</summary>
    public IReadOnlyList<string> Remarks { get; init; } = [];

    public static PlanAnswer Of(Plan plan, bool isAnywhere) =>
        new(plan.Verdict, VerdictText.Full(plan), plan.Problems, plan.Candidates, new JsonArray([.. plan.Suggestions.Select(suggestion => (JsonNode)PlanJson.Of(suggestion))]))
        {
            IsAnywhere = isAnywhere,
        };

    public static PlanAnswer Of(ServerPlan plan, bool isAnywhere) =>
        new(plan.Verdict, ServerText.Full(plan), plan.Problems, plan.Candidates, new JsonArray([.. plan.Suggestions.Select(suggestion => (JsonNode)PlanJson.Of(suggestion))]))
        {
            IsAnywhere = isAnywhere,
        };
}
