using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Cli.Estimates;
using GpuMem.Evaluation;
using GpuMem.Evaluation.LeftOut;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Evaluation;

/// <summary>Scores for machines.</summary>
internal static class EvaluationJson
{
    private static readonly JsonSerializerOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One object per case, so that anyone can compute their own statistics.</summary>
    public static void WriteLines(IEnumerable<ScoredCase> scored, TextWriter output)
    {
        foreach (var item in scored)
            output.WriteLine(Line(item).ToJsonString(OneLine));
    }

    public static JsonObject Of(Scores scores, int worst) => new()
    {
        ["cases"] = scores.All.Count,
        ["unsupported"] = new JsonArray([.. scores.Unsupported.Select(item => new JsonObject { ["id"] = item.Case.Id, ["problem"] = item.Score.Problem })]),
        ["groups"] = new JsonArray([.. scores.Groups().Select(Group)]),
        ["leaveOneSourceOut"] = LeftOut(new LeaveOneSourceOut(scores.All)),
        ["verdicts"] = new JsonArray([.. scores.Confusion().Select(row => new JsonObject
        {
            ["measured"] = row.Kind,
            ["cases"] = row.Count,
            ["verdicts"] = new JsonObject(row.Verdicts.Select(pair => KeyValuePair.Create<string, JsonNode?>(pair.Key.ToString(), pair.Value))),
        })]),
        ["worst"] = new JsonArray([.. scores.Worst(worst).Select(Line)]),
    };

    private static JsonObject Line(ScoredCase item)
    {
        var (own, baselines) = (item.Score.Own, item.Score.Baselines);
        return new JsonObject
        {
            ["id"] = item.Case.Id,
            ["group"] = item.Case.Group,
            ["metric"] = item.Case.Measured.Metric.ToString(),
            ["measuredGiB"] = item.Case.Measured.Gib,
            ["expectedGiB"] = own?.Expected.GiB,
            ["lowerBoundGiB"] = own?.Lower.GiB,
            ["upperBoundGiB"] = own?.Upper.GiB,
            ["verdict"] = item.Verdict?.ToString(),
            ["estimate"] = item.Score.Estimate is { } estimate ? EstimateJson.Sums(estimate) : null,
            ["error"] = item.Score.Error,
            ["baselines"] = new JsonObject
            {
                ["sixteenPerParameter"] = baselines.SixteenPerParameter,
                ["deepSpeed"] = baselines.DeepSpeed,
                ["megatron"] = baselines.Megatron,
            },
        };
    }

    private static JsonObject Group(CaseGroup group) => new()
    {
        ["name"] = group.Name.Trim(),
        ["errors"] = Statistics(group.Errors),
        ["belowUpperBound"] = group.Covered,
        ["upperBoundOverExpected"] = group.Sharpness,
        ["baselines"] = new JsonObject
        {
            ["sixteenPerParameter"] = Statistics(group.SixteenPerParameter),
            ["deepSpeed"] = Statistics(group.DeepSpeed),
            ["megatron"] = Statistics(group.Megatron),
        },
    };

    private static JsonObject LeftOut(LeaveOneSourceOut scores) => new()
    {
        ["established"] = LeftOut(scores.Established),
        ["experimental"] = LeftOut(scores.Experimental),
        ["programs"] = new JsonArray([.. scores.Programs.Select(LeftOut)]),
        ["allocator"] = new JsonArray([.. scores.Allocator.Select(line => new JsonObject
        {
            ["use"] = line.Use.ToString(),
            ["cases"] = line.Cases,
            ["sources"] = line.Sources,
            ["medianSlack"] = line.Median,
        })]),
    };

    private static JsonObject LeftOut(LeftOutGroup group) => new()
    {
        ["name"] = group.Name,
        ["cases"] = group.Cases,
        ["sources"] = group.Sources,
        ["inSample"] = Bounded(group.InSample),
        ["leftOut"] = Bounded(group.LeftOut),
    };

    private static JsonObject Bounded(CaseGroup group) => new()
    {
        ["errors"] = Statistics(group.Errors),
        ["belowUpperBound"] = group.Covered,
        ["upperBoundOverExpected"] = group.Sharpness,
    };

    private static JsonObject? Statistics(ErrorStatistics? errors) => errors is null ? null : new()
    {
        ["count"] = errors.Count,
        ["median"] = errors.Median,
        ["p90"] = errors.NinetiethPercentile,
        ["worst"] = errors.Worst,
        ["bias"] = errors.Bias,
    };
}
