using System.Text.Json.Nodes;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Live;

/// <summary>What is said of an object of a cluster, for machines: all sizes in bytes.</summary>
internal static class ExplainedJson
{
    public static JsonObject Of(ExplainedObject explained)
    {
        var decision = explained.Decision;
        return new JsonObject
        {
            ["name"] = explained.Name,
            ["namespace"] = explained.Namespace,
            ["allowed"] = explained.Answered?.Allowed,
            ["mode"] = explained.Mode?.ToString(),
            ["verdict"] = decision?.Verdict.ToString(),
            ["message"] = explained.Answered?.Message ?? decision?.Text,
            ["warnings"] = Texts(explained.Answered?.Warnings ?? []),
            ["problems"] = Texts(decision?.Problems.Select(problem => problem.ToString()) ?? []),
            ["madeBy"] = Texts(explained.MadeBy),
            ["describedBy"] = explained.Description,
            ["estimate"] = decision?.Estimate is { } estimate ? EstimateJson.Of(estimate.Model.Name, estimate) : null,
            ["observedBytesPerGpu"] = explained.Observed?.FullestGpu.Value,
            ["candidates"] = new JsonArray([.. explained.Candidates.Select(candidate => (JsonNode)PlanJson.Of(candidate))]),
            ["suggestions"] = new JsonArray([.. explained.Fixes.Select(Fix)]),
            ["events"] = new JsonArray([.. explained.Events.Select(Event)]),
        };
    }

    private static JsonNode Fix(ExplainedFix fix)
    {
        fix.Json["command"] = fix.Command;
        return fix.Json;
    }

    private static JsonNode Event(Eventsv1Event one) => new JsonObject { ["time"] = LiveCluster.At(one), ["type"] = one.Type, ["reason"] = one.Reason, ["note"] = one.Note };

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => (JsonNode)text)]);
}
