using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Page.Endpoints;

/// <summary>What the page shows of a job or a server; both look alike.</summary>
internal sealed record EstimateAnswer
{
    /// <summary>Of longer pipelines the first stages are shown: those between the first and the last are much alike.</summary>
    public const int MostStages = 64;

    public required Verdict Verdict { get; init; }

    /// <summary>The verdict in words.</summary>
    public required string Message { get; init; }

    public IReadOnlyList<JobProblem> Problems { get; init; } = [];

    /// <summary>A sentence each.</summary>
    public IEnumerable<string> Facts { get; init; } = [];

    public Estimate? Estimate { get; init; }

    /// <summary>What <see cref="Estimate"/> is held against; null when nothing is.</summary>
    public ICandidate? Held { get; init; }

    /// <summary>How the GPUs divide the work.</summary>
    public string Layout { get; init; } = "";

    /// <summary>What a server holds.</summary>
    public InferenceCapacity? Capacity { get; init; }

    /// <summary>Of each stage of a pipeline.</summary>
    public IReadOnlyList<Estimate> Stages { get; init; } = [];

    /// <summary>Every GPU or pool, the best first, and the verdict on it in words.</summary>
    public IEnumerable<(ICandidate Candidate, string Message)> Candidates { get; init; } = [];

    /// <summary>What would make it fit.</summary>
    public IEnumerable<JsonObject> Suggestions { get; init; } = [];

    public JsonObject Json(WrittenManifest? manifest) => new()
    {
        ["kind"] = manifest?.Kind,
        ["manifest"] = manifest?.Json.DeepClone(),
        ["yaml"] = manifest?.Yaml,
        ["problems"] = ManifestEndpoint.Json(Problems),
        ["verdict"] = Verdict.ToString(),
        ["message"] = Message,
        ["facts"] = new JsonArray([.. Facts.Select(fact => (JsonNode)fact)]),
        ["held"] = Held is { } held ? HeldJson(held) : null,
        ["estimate"] = Estimate is { } estimate ? EstimateWithTitles(estimate) : null,
        ["capacity"] = Capacity is { } capacity ? ServingJson.Capacity(capacity) : null,
        ["stages"] = new JsonArray([.. Stages.Select(Stage)]),
        ["candidates"] = new JsonArray([.. Candidates.Select(JsonNode (candidate) => With(PlanJson.Of(candidate.Candidate), candidate.Message))]),
        ["suggestions"] = new JsonArray([.. Suggestions]),
    };

    /// <summary>With words for people beside what is for machines.</summary>
    public static JsonObject With(JsonObject json, string message)
    {
        json["message"] = message;
        return json;
    }

    private JsonObject HeldJson(ICandidate held) => new()
    {
        ["name"] = held.Pool.Name,
        ["product"] = held.Pool.Product,
        ["gpus"] = held.Gpus,
        ["layout"] = Layout,
        ["usableBytes"] = held.Pool.UsableMemory?.Value,
        ["availableBytes"] = VerdictRule.Available(held.Estimate, held.Pool)?.Value,
    };

    private static JsonObject EstimateWithTitles(Estimate estimate)
    {
        var json = EstimateJson.Of(estimate.Model.Name, estimate);
        foreach (var (term, kind) in json["terms"]!.AsArray().Zip(estimate.Terms.Select(term => term.Kind)))
            term!["title"] = TermNames.Of(kind);
        return json;
    }

    private static JsonNode Stage(Estimate estimate) => new JsonObject
    {
        ["stage"] = estimate.WorstPipelineStage,
        ["expectedBytes"] = estimate.Expected.Value,
        ["upperBoundBytes"] = estimate.UpperBound.Value,
        ["terms"] = new JsonArray([.. estimate.Terms.Select(JsonNode (term) => new JsonObject { ["name"] = term.Kind.ToString(), ["bytes"] = term.Expected.Value })]),
    };
}
