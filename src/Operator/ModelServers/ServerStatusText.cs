using GpuMem.Api.ModelServers;
using GpuMem.Api.TrainingJobs;
using GpuMem.Planning.Serving;

namespace GpuMem.Operator.ModelServers;

/// <summary>What is decided about a server, in the words of its status.</summary>
internal static class ServerStatusText
{
    public static HoldsStatus? Holds(ServerPlan plan) => plan.Best?.Capacity is not { } capacity ? null : new HoldsStatus
    {
        Cache = StatusText.Quantity(capacity.Cache),
        Tokens = capacity.Tokens,
        Sequences = capacity.Sequences,
        MaxContext = capacity.MaxContext,
    };

    public static IList<ServerCandidateStatus> Candidates(ServerPlan plan) => [.. plan.Candidates.Take(64).Select(candidate => new ServerCandidateStatus
    {
        Pool = candidate.Pool.Name,
        Verdict = candidate.Verdict,
        Tensor = candidate.Spec.Tensor,
        Gpus = candidate.Gpus,
        PerGPU = StatusText.Quantity(candidate.Estimate.Expected),
        MaxContext = candidate.Capacity?.MaxContext,
        Note = candidate.Note is { } note ? StatusText.Cut(note, 512) : null,
    })];

    public static IList<SuggestionStatus> Suggestions(ServerPlan plan) => [.. plan.Suggestions.Take(8).Select(suggestion => new SuggestionStatus
    {
        Change = StatusText.Cut(suggestion.ToString(), 512),
        Patch = suggestion.MergePatch.ToJsonString(),
        PerGPU = StatusText.Quantity(suggestion.Result.Estimate.Expected),
        Pool = suggestion.Result.Pool.Name,
        Gpus = suggestion.Result.Gpus,
        Verdict = suggestion.Result.Verdict,
        Cost = suggestion.Cost,
    })];
}
