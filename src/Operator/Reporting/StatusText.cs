using System.Globalization;
using GpuMem.Api;
using GpuMem.Api.Decisions;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation;
using GpuMem.Planning;
using GpuMem.Planning.Search;
using GpuMem.Planning.Words;

namespace GpuMem.Operator.Reporting;

/// <summary>A decision in the words of the status.</summary>
internal static class StatusText
{
    public static EstimateStatus? Estimate(Estimate? estimate) => estimate is null ? null : new EstimateStatus
    {
        PerGPU = Quantity(estimate.Expected),
        UpperBound = Quantity(estimate.UpperBound),
        LowerBound = Quantity(estimate.LowerBound),
        HostMemoryPerPod = estimate.HostMemoryPerNode > Bytes.Zero ? Quantity(estimate.HostMemoryPerNode) : null,
        Confidence = estimate.Confidence,
        LargestTerm = estimate.Terms.MaxBy(term => term.Expected) is { } largest ? TermNames.Of(largest.Kind) : null,
        WorstPipelineStage = estimate.WorstPipelineStage,
        PeakPhase = estimate.PeakPhase,
        Terms = [.. estimate.Terms.Select(term => new TermStatus { Name = term.Kind, Size = Quantity(term.Expected) })],
        Assumptions = [.. estimate.Assumptions.Select(assumption => Cut(assumption, 512))],
        FormulaVersion = Estimation.Estimate.CurrentFormulaVersion,
    };

    public static PlanStatus? Plan(WorkloadDecision decision) => decision.Best is not { } best ? null : new PlanStatus
    {
        Pool = best.Pool.Name,
        Product = best.Pool.Product,
        Capacity = best.Pool.UsableMemory is { } usable ? Quantity(usable) : null,
        Gpus = best.Gpus,
        Nodes = best.Nodes,
        GpusPerNode = best.GpusPerNode,
        Layout = string.Create(CultureInfo.InvariantCulture, $"{best.Nodes}x{best.GpusPerNode}"),
        Data = (best as Candidate)?.Job.Parallelism.Data,
        Chosen = best is Candidate { Open: not OpenFields.None and not OpenFields.Data } chosen ? Cut(string.Join(", ", chosen.Chosen), 512) : null,
        TokensPerSecond = Tokens(best.TokensPerSecond),
        ResourceName = best.Pool.ResourceName,
        Rewritten = Rewritten(decision),
        HourlyCost = best.HourlyCost?.ToString("0.00", CultureInfo.InvariantCulture),
        Note = best.Note is { } note ? Cut(note, 512) : null,
    };

    public static IList<CandidateStatus> Candidates(Plan plan) => [.. plan.Candidates.Take(64).Select(candidate => new CandidateStatus
    {
        Pool = candidate.Pool.Name,
        Verdict = candidate.Verdict,
        Gpus = candidate.Gpus,
        PerGPU = Quantity(candidate.Estimate.Expected),
        Short = candidate.Short is { Value: > 0 } missing ? Quantity(missing) : null,
        Headroom = candidate.Headroom is { Value: > 0 } free ? Quantity(free) : null,
        HourlyCost = candidate.HourlyCost?.ToString("0.00", CultureInfo.InvariantCulture),
        TokensPerSecond = Tokens(candidate.TokensPerSecond),
        Note = candidate.Note is { } note ? Cut(note, 512) : null,
    })];

    public static IList<SuggestionStatus> Suggestions(Plan plan) => [.. plan.Suggestions.Take(8).Select(suggestion => new SuggestionStatus
    {
        Change = Cut(suggestion.ToString(), 512),
        Patch = suggestion.MergePatch.ToJsonString(),
        PerGPU = Quantity(suggestion.Result.Estimate.Expected),
        Pool = suggestion.Result.Pool.Name,
        Gpus = suggestion.Result.Gpus,
        Verdict = suggestion.Result.Verdict,
        Cost = suggestion.Cost,
    })];

    /// <summary>Two digits: no more of it is known.</summary>
    private static long? Tokens(double? perSecond) => SpeedText.Rounded(perSecond);

    /// <summary>One decimal: nobody plans by less than a tenth of a GiB.</summary>
    public static string Quantity(Bytes bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes.GiB:0.0}Gi");

    private static string? Rewritten(WorkloadDecision decision)
    {
        if (decision.Description.Template is not { } template)
            return null;
        var rewritten = PodRewrite.Operations(template, decision).FirstOrDefault(operation => operation.Path is [.., ApiGroup.RewrittenAnnotation]);
        return rewritten?.Value?.ToString();
    }

    public static string Cut(string text, int length) => text.Length <= length ? text : text[..(length - 1)] + "…";
}
