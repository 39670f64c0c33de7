using System.Globalization;
using GpuMem.Cli.Estimates;
using GpuMem.Page.Answers;
using GpuMem.Planning;
using GpuMem.Planning.Serving;
using GpuMem.Planning.Words;
using GpuMem.Serving;

namespace GpuMem.Cli.Inference;

/// <summary>What serving needs and what a server can hold, for people.</summary>
internal static class InferenceReport
{
    public static void Write(ServingAnswer answer, bool wide)
    {
        WriteHeading(answer);
        Console.Out.WriteLine();
        EstimateChart.WriteTerms(answer.Estimate, answer.Gpu?.UsableMemory ?? answer.Estimate.Expected, wide, Console.Out);
        Console.Out.WriteLine();
        WriteConclusion(answer);
    }

    /// <summary>The model and how it is served.</summary>
    public static void WriteHeading(ServingAnswer answer)
    {
        var spec = answer.Spec;
        var values = spec.ValueCacheDtype is { } type && type != spec.KvCacheDtype ? $", values in {type}" : "";
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{spec.Model.Name}, {answer.Estimate.Parameters:N0} parameters"));
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{spec.Engine}, tensor {spec.Tensor} × pipeline {spec.Pipeline}, {spec.Batch} × {spec.InputLength:N0} tokens, cache in {spec.KvCacheDtype}{values}"));
    }

    /// <summary>Whether it fits, what would make it fit, and what was assumed.</summary>
    public static void WriteConclusion(ServingAnswer answer)
    {
        if (answer is { Gpu: { } gpu, Capacity: { } capacity })
            Console.Out.WriteLine(Words(gpu.Name, answer.Spec, capacity, answer.Plan));
        if (answer.Plan is { Suggestions: [_, ..] suggestions })
            Console.Out.WriteLine($"Fix: {string.Join(" or ", suggestions.Take(3).Select(ServerText.Fix))}.");
        foreach (var assumption in answer.Estimate.Assumptions)
            Console.Out.WriteLine($"Assumed: {assumption}");
    }

    /// <summary>By figures that may be too high nothing is denied.</summary>
    private static string DoesNotFit(InferenceCapacity capacity) => capacity.IsCertain ? "Does not fit" : "May not fit";

    private static string Words(string gpu, InferenceSpec spec, InferenceCapacity capacity, ServerPlan? plan)
    {
        if (plan is { Best: not null, Verdict: Verdict.AtRisk })
            return $"At risk on {gpu}: {ServerText.Sentence(plan)}.";
        return capacity.MaxContext == 0
            ? $"{DoesNotFit(capacity)} {gpu}: {(plan is { Best: not null } ? ServerText.Sentence(plan) : "nothing is left for the cache")}."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{(capacity.Fits ? "Fits" : DoesNotFit(capacity))} {gpu}: {capacity.Cache} of cache hold {capacity.Tokens:N0} tokens, {capacity.Sequences:N0} sequences of {spec.InputLength:N0}, or one of {capacity.MaxContext:N0}.");
    }
}
