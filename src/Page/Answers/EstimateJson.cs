using GpuMem.Planning;

namespace GpuMem.Page.Answers;

/// <summary>An estimate for machines: all sizes in bytes.</summary>
public static class EstimateJson
{
    public static JsonObject Of(TrainingAnswer answer)
    {
        var json = Of(answer.Job.Model.Name, answer.Estimate);
        json["gpus"] = answer.Job.Parallelism.WorldSize;
        if (answer.Estimate.HostMemoryPerNode > Bytes.Zero)
            json["hostBytesPerNode"] = answer.Estimate.HostMemoryPerNode.Value;
        if (answer.Estimate.NvmePerNode > Bytes.Zero)
            json["nvmeBytesPerNode"] = answer.Estimate.NvmePerNode.Value;
        if (answer.Estimate.Engine is { } engine)
            json["engine"] = new JsonObject
            {
                ["memoryPercent"] = engine.MemoryPercent, ["sleeps"] = engine.Sleeps, ["weightsBytes"] = engine.Weights.Value, ["besideBytes"] = engine.Beside.Value,
            };
        if (answer.Gpu is { } gpu)
        {
            json["gpu"] = new JsonObject { ["name"] = gpu.Name, ["usableBytes"] = gpu.UsableMemory.Value };
            json["verdict"] = Certain(answer.Plan.Verdict, answer.IsCertain).ToString();
            // What was left out may be just what a fix would propose.
            if (answer.IsCertain && answer.Plan.Suggestions.Count > 0)
                json["suggestions"] = new JsonArray([.. answer.Plan.Suggestions.Select(suggestion => (JsonNode)PlanJson.Of(suggestion))]);
        }
        return json;
    }

    /// <summary>By figures that may be too high nothing is denied.</summary>
    public static Verdict Certain(Verdict verdict, bool isCertain) => isCertain || !verdict.Rejects() ? verdict : Verdict.Unknown;

    /// <summary>The estimate alone.</summary>
    public static JsonObject Of(string model, Estimate estimate)
    {
        var json = new JsonObject { ["model"] = model, ["parameters"] = estimate.Parameters };
        foreach (var (name, bytes) in Sums(estimate))
            json[name] = bytes!.DeepClone();
        json["peakPhase"] = estimate.PeakPhase.ToString();
        json["worstPipelineStage"] = estimate.WorstPipelineStage;
        json["confidence"] = estimate.Confidence.ToString();
        json["assumptions"] = new JsonArray([.. estimate.Assumptions.Select(assumption => (JsonNode)assumption)]);
        json["terms"] = new JsonArray([.. estimate.Terms.Select(Term)]);
        json["formulaVersion"] = Estimate.CurrentFormulaVersion;
        return json;
    }

    /// <summary>Without its terms and words.</summary>
    public static JsonObject Sums(Estimate estimate) => new()
    {
        ["expectedBytes"] = estimate.Expected.Value,
        ["upperBoundBytes"] = estimate.UpperBound.Value,
        ["lowerBoundBytes"] = estimate.LowerBound.Value,
        ["allocatedBytes"] = estimate.Allocated.Value,
        ["reservedBytes"] = estimate.Reserved.Value,
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
