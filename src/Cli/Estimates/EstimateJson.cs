using System.Text.Json.Nodes;
using GpuMem.Estimation;

namespace GpuMem.Cli.Estimates;

/// <summary>An estimate for machines: all sizes in bytes.</summary>
internal static class EstimateJson
{
    public static JsonObject Of(EstimateAnswer answer)
    {
        var json = Of(answer.Job.Model.Name, answer.Estimate);
        json["gpus"] = answer.Job.Parallelism.WorldSize;
        if (answer.Estimate.HostMemoryPerNode > Bytes.Zero)
            json["hostBytesPerNode"] = answer.Estimate.HostMemoryPerNode.Value;
        if (answer.Estimate.NvmePerNode > Bytes.Zero)
            json["nvmeBytesPerNode"] = answer.Estimate.NvmePerNode.Value;
        if (answer.Gpu is { } gpu)
        {
            json["gpu"] = new JsonObject { ["name"] = gpu.Name, ["usableBytes"] = gpu.UsableMemory.Value };
            json["verdict"] = answer.Verdict.ToString();
        }
        return json;
    }

    /// <summary>The estimate alone.</summary>
    public static JsonObject Of(string model, Estimate estimate) => new()
    {
        ["model"] = model,
        ["parameters"] = estimate.Parameters,
        ["expectedBytes"] = estimate.Expected.Value,
        ["upperBoundBytes"] = estimate.UpperBound.Value,
        ["lowerBoundBytes"] = estimate.LowerBound.Value,
        ["allocatedBytes"] = estimate.Allocated.Value,
        ["reservedBytes"] = estimate.Reserved.Value,
        ["peakPhase"] = estimate.PeakPhase.ToString(),
        ["worstPipelineStage"] = estimate.WorstPipelineStage,
        ["confidence"] = estimate.Confidence.ToString(),
        ["assumptions"] = new JsonArray([.. estimate.Assumptions.Select(assumption => (JsonNode)assumption)]),
        ["terms"] = new JsonArray([.. estimate.Terms.Select(Term)]),
        ["formulaVersion"] = estimate.FormulaVersion,
    };

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
