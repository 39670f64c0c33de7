using GpuMem.Planning;
using GpuMem.Planning.Search;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Page.Answers;

/// <summary>Candidates and suggestions of a plan, for machines: all sizes in bytes.</summary>
public static class PlanJson
{
    public static JsonObject Of(ICandidate candidate) => new()
    {
        ["pool"] = candidate.Pool.Name,
        ["product"] = candidate.Pool.Product,
        ["verdict"] = candidate.Verdict.ToString(),
        ["gpus"] = candidate.Gpus,
        ["nodes"] = candidate.Nodes,
        ["gpusPerNode"] = candidate.GpusPerNode,
        ["free"] = candidate.Pool.FreeGpus,
        ["expectedBytes"] = candidate.Estimate.Expected.Value,
        ["upperBoundBytes"] = candidate.Estimate.UpperBound.Value,
        ["usableBytes"] = candidate.Pool.UsableMemory?.Value,
        ["shortBytes"] = candidate.Short?.Value,
        ["hourlyCost"] = candidate.HourlyCost,
        ["tokensPerSecond"] = SpeedText.Rounded(candidate.TokensPerSecond),
        ["chosen"] = new JsonObject(Chosen(candidate).Select(chosen => KeyValuePair.Create(chosen.Path, (JsonNode?)chosen.Value))),
        ["note"] = candidate.Note,
    };

    /// <summary>What the planner chose for fields that were left open on a pool.</summary>
    public static IReadOnlyList<ChosenField> Chosen(ICandidate candidate) => candidate switch
    {
        Candidate job => [.. job.Chosen],
        ServerCandidate server => [new ChosenField("tensor", $"{server.Spec.Tensor}")],
        _ => [],
    };

    public static JsonObject Of(Suggestion suggestion) => Suggestion(suggestion.ToString(), suggestion.MergePatch, suggestion.Result, suggestion.Cost);

    public static JsonObject Of(ServerSuggestion suggestion) => Suggestion(suggestion.ToString(), suggestion.MergePatch, suggestion.Result, suggestion.Cost);

    private static JsonObject Suggestion(string change, JsonObject patch, ICandidate result, string? cost) => new()
    {
        ["change"] = change,
        ["patch"] = patch,
        ["expectedBytes"] = result.Estimate.Expected.Value,
        ["gpus"] = result.Gpus,
        ["pool"] = result.Pool.Name,
        ["verdict"] = result.Verdict.ToString(),
        ["cost"] = cost,
    };
}
