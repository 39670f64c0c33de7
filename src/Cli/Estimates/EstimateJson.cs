using System.Text.Json.Nodes;
using GpuMem.Estimation;

namespace GpuMem.Cli.Estimates;

/// <summary>An estimate for machines: all sizes in bytes.</summary>
internal static class EstimateJson
{
    public static JsonObject Of(EstimateAnswer answer)
    {
        var estimate = answer.Estimate;
        var json = new JsonObject
        {
            ["model"] = answer.Job.Model.Name,
            ["parameters"] = estimate.Parameters,
            ["gpus"] = answer.Job.Parallelism.WorldSize,
            ["expectedBytes"] = estimate.Expected.Value,
            ["upperBoundBytes"] = estimate.UpperBound.Value,
            ["lowerBoundBytes"] = estimate.LowerBound.Value,
            ["allocatedBytes"] = estimate.Allocated.Value,
            ["reservedBytes"] = estimate.Reserved.Value,
            ["hostMemoryPerNodeBytes"] = estimate.HostMemoryPerNode.Value,
            ["nvmePerNodeBytes"] = estimate.NvmePerNode.Value,
            ["peakPhase"] = estimate.PeakPhase.ToString(),
            ["worstPipelineStage"] = estimate.WorstPipelineStage,
            ["confidence"] = estimate.Confidence.ToString(),
            ["assumptions"] = new JsonArray([.. estimate.Assumptions.Select(assumption => (JsonNode)assumption)]),
            ["terms"] = new JsonArray([.. estimate.Terms.Select(Term)]),
            ["formulaVersion"] = estimate.FormulaVersion,
        };
        if (answer.Gpu is { } gpu)
        {
            json["gpu"] = new JsonObject { ["name"] = gpu.Name, ["usableBytes"] = gpu.UsableMemory.Value };
            json["verdict"] = answer.Verdict.ToString();
        }
        return json;
    }

    private static JsonNode Term(Term term) => new JsonObject
    {
        ["name"] = term.Kind.ToString(),
        ["bytes"] = term.Expected.Value,
        ["upperBoundBytes"] = term.UpperBound.Value,
        ["formula"] = term.Formula,
        ["numbers"] = term.Numbers,
        ["source"] = term.Source,
    };
}
