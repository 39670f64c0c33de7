using GpuMem.Serving;

namespace GpuMem.Page.Answers;

/// <summary>What serving needs and what a server can hold, for machines: all sizes in bytes.</summary>
public static class ServingJson
{
    public static JsonObject Of(ServingAnswer answer)
    {
        var json = EstimateJson.Of(answer.Spec.Model.Name, answer.Estimate);
        if (answer is { Gpu: { } gpu, Capacity: { } capacity })
        {
            json["gpu"] = new JsonObject { ["name"] = gpu.Name, ["usableBytes"] = gpu.UsableMemory.Value };
            json["capacity"] = Capacity(capacity);
            json["verdict"] = answer.Plan is { } plan ? EstimateJson.Certain(plan.Verdict, answer.IsCertain).ToString() : null;
            json["suggestions"] = new JsonArray([.. answer.Plan?.Suggestions.Select(suggestion => (JsonNode)suggestion.ToString()) ?? []]);
        }

        return json;
    }

    public static JsonObject Capacity(InferenceCapacity capacity) => new()
    {
        ["fits"] = capacity.Fits,
        ["certain"] = capacity.IsCertain,
        ["cacheBytes"] = capacity.Cache.Value,
        ["bytesPerToken"] = capacity.PerToken.Value,
        ["tokens"] = capacity.Tokens,
        ["sequences"] = capacity.Sequences,
        ["maxContext"] = capacity.MaxContext,
    };
}
