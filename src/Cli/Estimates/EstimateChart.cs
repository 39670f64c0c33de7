using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;
using GpuMem.Page.Answers;

namespace GpuMem.Cli.Estimates;

/// <summary>An estimate for people: a bar per term, against the GPU's memory where one is named, else against the whole.</summary>
internal static class EstimateChart
{
    private const int BarWidth = 40;

    /// <summary>Eighths of a character, so that small terms are still seen.</summary>
    private const string Eighths = " ▏▎▍▌▋▊▉█";

    public static void Write(TrainingAnswer answer, bool wide, TextWriter output)
    {
        var estimate = answer.Estimate;
        var whole = answer.Gpu?.UsableMemory ?? estimate.Expected;
        foreach (var line in Heading(answer.Job, estimate))
            output.WriteLine(line);
        output.WriteLine();
        WriteTerms(estimate, whole, wide, output);
        output.WriteLine();
        if (wide)
            output.WriteLine(PlainWords.LargestTerm(answer.Job, estimate));
        foreach (var line in Summary(answer))
            output.WriteLine(line);
    }

    /// <summary>A bar per term, and the sums.</summary>
    public static void WriteTerms(Estimate estimate, Bytes whole, bool wide, TextWriter output)
    {
        foreach (var term in estimate.Terms)
        {
            output.WriteLine(Row(TermNames.Of(term.Kind), term.Expected, whole));
            if (wide)
                output.WriteLine($"    {term.Formula}\n    = {term.Numbers}\n    up to {term.UpperBound}; {term.Source}\n");
        }
        output.WriteLine(Row("expected", estimate.Expected, whole));
        output.WriteLine(Row("upper bound", estimate.UpperBound, whole));
    }

    /// <summary>The model, how it is trained, and over how many GPUs.</summary>
    public static IEnumerable<string> Heading(JobSpec job, Estimate estimate)
    {
        var (training, layout) = (job.Training, job.Parallelism);
        yield return string.Create(CultureInfo.InvariantCulture, $"{job.Model.Name}, {estimate.Parameters:N0} parameters");
        yield return $"{training.Method}, {training.Precision}, {training.Optimizer}, {training.Framework}, sharding {layout.Sharding}, recompute {training.Recompute}";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{layout.WorldSize} {(layout.WorldSize == 1 ? "GPU" : "GPUs")} (tensor {layout.Tensor} × pipeline {layout.Pipeline} × context {layout.Context} × data {layout.Data}), {training.MicroBatchSize} × {training.SequenceLength:N0} tokens each");
    }

    private static string Row(string name, Bytes size, Bytes whole) =>
        string.Create(CultureInfo.InvariantCulture, $"{name,-26} {size.GiB,8:0.00} GiB  {Bar(size, whole)}").TrimEnd();

    /// <summary>A full bar is the whole GPU; what is more gets an arrow.</summary>
    private static string Bar(Bytes size, Bytes whole)
    {
        var eighths = (long)(BarWidth * 8.0 * size.Value / Math.Max(1, whole.Value));
        return eighths > BarWidth * 8
            ? new string('█', BarWidth) + "▶"
            : new string('█', (int)(eighths / 8)) + Eighths[(int)(eighths % 8)].ToString().Trim();
    }

    /// <summary>The verdict and what would change it; nothing without a GPU to hold the job against.</summary>
    public static IEnumerable<string> Conclusion(TrainingAnswer answer)
    {
        if (answer.Gpu is not { } gpu)
            yield break;
        var words = answer.IsCertain || !answer.Plan.Verdict.Rejects() ? Words(answer.Plan.Verdict) : "May not fit";
        yield return $"{words} {gpu.Name}: {VerdictText.Sentence(answer.Plan)}.{(answer.IsCertain ? Certain(answer.Plan) : "")}";

        // What was left out may be just what a fix would propose.
        foreach (var suggestion in answer.IsCertain ? answer.Plan.Suggestions : [])
            yield return $"Fix: {VerdictText.Fix(suggestion)}{(suggestion.Cost is { } cost ? $": {cost}" : "")}.";
        if (answer.Plan.Best?.Note is { } note)
            yield return $"Note: {note}.";
    }

    private static IEnumerable<string> Summary(TrainingAnswer answer)
    {
        var estimate = answer.Estimate;
        foreach (var line in Conclusion(answer))
            yield return line;
        foreach (var fact in EstimateText.Facts(answer.Job, estimate))
            yield return fact;
        foreach (var assumption in estimate.Assumptions)
            yield return $"Assumed: {assumption}";
    }

    private static string Certain(Plan plan) =>
        plan.Verdict == Verdict.Impossible ? $" Weights and states alone need {plan.Estimate!.LowerBound}." : "";

    private static string Words(Verdict verdict) => verdict switch
    {
        Verdict.Fits => "Fits",
        Verdict.AtRisk => "At risk on",
        Verdict.Unknown => "Not known for",
        Verdict.Impossible => "Impossible on",
        _ => "Does not fit",
    };
}
