using System.Globalization;
using GpuMem.Cli.Estimates;
using GpuMem.Cli.Plans;

namespace GpuMem.Cli.Live;

/// <summary>What is said of an object of a cluster, for people.</summary>
internal static class ExplainedText
{
    /// <param name="explained">What is said.</param>
    /// <param name="isWide">Whether every pool is told.</param>
    /// <param name="now">From which the age of events counts.</param>
    /// <param name="output">Where it goes.</param>
    public static void Write(ExplainedObject explained, bool isWide, DateTime now, TextWriter output)
    {
        if (explained.Answered is null)
            WriteDescription(explained, output);
        else
            WriteWorkload(explained, output);
        if (explained.Observed is var (held, over))
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\nObserved: {held.GiB:0.0} GiB at most on its fullest GPU in the last {over}, with all that its allocator keeps for later"));
        WriteFixes(explained, output);
        if (isWide && explained.Candidates.Count > 0)
        {
            output.WriteLine("\nPools:");
            PlanReport.WriteTable(explained.Candidates, isWide: true, output);
        }
        if (explained.Events.Count > 0)
            output.WriteLine("\nEvents:");
        foreach (var one in explained.Events)
            output.WriteLine($"  {Age(now - LiveCluster.At(one)),5}  {one.Type,-7}  {one.Reason,-16}  {one.Note?.ReplaceLineEndings(" ")}");
    }

    private static void WriteDescription(ExplainedObject explained, TextWriter output)
    {
        var decision = explained.Decision!;
        output.WriteLine($"{explained.Name} in namespace {explained.Namespace}: {decision.Verdict}");
        output.WriteLine(decision.Text);
        foreach (var problem in decision.Problems)
            output.WriteLine(problem);
        WriteTerms(explained, output);
    }

    private static void WriteWorkload(ExplainedObject explained, TextWriter output)
    {
        var answered = explained.Answered!;
        output.WriteLine($"{explained.Name} in namespace {explained.Namespace}: {(answered.Allowed ? "would be admitted" : explained.Mode is null ? "would be refused where that is enforced (label gpumem.io/mode, or the chart's policy.mode)" : "would be refused")}");
        if (answered.Message is { } message)
            output.WriteLine(message);
        foreach (var warning in answered.Warnings)
            output.WriteLine(warning);
        if (explained.MadeBy.Count > 0)
            output.WriteLine($"Made by {string.Join(", by ", explained.MadeBy)}");
        if (explained.Decision is null)
        {
            output.WriteLine("No TrainingJob and no ModelServer describes it: only its command was looked at. Label its pods gpumem.io/training-job or gpumem.io/model-server, or name it in a targetRef.");
            return;
        }
        output.WriteLine();
        output.WriteLine($"Described by {explained.Description ?? "an annotation of its pods"}: {explained.Decision.Verdict}");
        WriteTerms(explained, output);
    }

    private static void WriteTerms(ExplainedObject explained, TextWriter output)
    {
        if (explained.Decision?.Estimate is { } estimate)
            ExplainCommand.WriteTerms(estimate, isCertain: true, output);
    }

    /// <summary>As commands to copy.</summary>
    private static void WriteFixes(ExplainedObject explained, TextWriter output)
    {
        List<ExplainedFix> fixes = [.. explained.Fixes];
        if (fixes.Count > 0)
            output.WriteLine("\nWhat would make it fit:");
        foreach (var (change, result, command, _) in fixes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {change}: {result.Estimate.Expected.GiB:0.0} GiB on {result.Gpus} GPU{(result.Gpus == 1 ? "" : "s")} of {result.Pool.Name}"));
            if (command is not null)
                output.WriteLine($"    {command}");
        }
    }

    private static string Age(TimeSpan? since) => since switch
    {
        null => "?",
        { TotalMinutes: < 2 } age => $"{Math.Max(0, age.TotalSeconds):0}s",
        { TotalHours: < 2 } age => $"{age.TotalMinutes:0}m",
        { TotalDays: < 2 } age => $"{age.TotalHours:0}h",
        { } age => $"{age.TotalDays:0}d",
    };
}
