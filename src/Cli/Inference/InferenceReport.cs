using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Cli.Estimates;
using GpuMem.Serving;
using GpuMem.Planning.Words;

namespace GpuMem.Cli.Inference;

/// <summary>What serving needs and what a server can hold, for people and for machines.</summary>
internal static class InferenceReport
{
    public static JsonObject Json(InferenceAnswer answer)
    {
        var json = EstimateJson.Of(answer.Spec.Model.Name, answer.Estimate);
        if (answer is { Gpu: { } gpu, Capacity: { } capacity })
        {
            json["gpu"] = new JsonObject { ["name"] = gpu.Name, ["usableBytes"] = gpu.UsableMemory.Value };
            json["capacity"] = new JsonObject
            {
                ["fits"] = capacity.Fits,
                ["certain"] = capacity.IsCertain,
                ["cacheBytes"] = capacity.Cache.Value,
                ["bytesPerToken"] = capacity.PerToken.Value,
                ["tokens"] = capacity.Tokens,
                ["sequences"] = capacity.Sequences,
                ["maxContext"] = capacity.MaxContext,
            };
            json["verdict"] = answer.Plan?.Verdict.ToString();
            json["suggestions"] = new JsonArray([.. answer.Plan?.Suggestions.Select(suggestion => (JsonNode)suggestion.ToString()) ?? []]);
        }

        return json;
    }

    public static void Write(InferenceAnswer answer, bool wide)
    {
        WriteHeading(answer);
        Console.Out.WriteLine();
        EstimateChart.WriteTerms(answer.Estimate, answer.Gpu?.UsableMemory ?? answer.Estimate.Expected, wide, Console.Out);
        Console.Out.WriteLine();
        WriteConclusion(answer);
    }

    /// <summary>The model and how it is served.</summary>
    public static void WriteHeading(InferenceAnswer answer)
    {
        var spec = answer.Spec;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spec.Model.Name}, {answer.Estimate.Parameters:N0} parameters"));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{spec.Engine}, tensor {spec.Tensor} × pipeline {spec.Pipeline}, {spec.Batch} × {spec.InputLength:N0} tokens, cache in {spec.KvCacheDtype}"));
    }

    /// <summary>Whether it fits, what would make it fit, and what was assumed.</summary>
    public static void WriteConclusion(InferenceAnswer answer)
    {
        if (answer is { Gpu: { } gpu, Capacity: { } capacity })
            Console.Out.WriteLine(Words(gpu.Name, answer.Spec, capacity));
        if (answer.Plan is { Suggestions: [_, ..] suggestions })
            Console.Out.WriteLine($"Fix: {string.Join(" or ", suggestions.Take(3).Select(ServerText.Fix))}.");
        foreach (var assumption in answer.Estimate.Assumptions)
            Console.Out.WriteLine($"Assumed: {assumption}");
    }

    /// <summary>By figures that may be too high nothing is denied.</summary>
    private static string DoesNotFit(InferenceCapacity capacity) => capacity.IsCertain ? "Does not fit" : "May not fit";

    private static string Words(string gpu, InferenceSpec spec, InferenceCapacity capacity) => capacity.MaxContext == 0
        ? $"{DoesNotFit(capacity)} {gpu}: nothing is left for the cache."
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{(capacity.Fits ? "Fits" : DoesNotFit(capacity))} {gpu}: {capacity.Cache} of cache hold {capacity.Tokens:N0} tokens, {capacity.Sequences:N0} sequences of {spec.InputLength:N0}, or one of {capacity.MaxContext:N0}.");
}
