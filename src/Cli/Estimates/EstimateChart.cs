using System.Globalization;
using GpuMem.Estimation;
using GpuMem.Estimation.Jobs;
using GpuMem.Planning;
using GpuMem.Planning.Words;
using Spectre.Console;

namespace GpuMem.Cli.Estimates;

/// <summary>An estimate for people: a bar per term, against the GPU's memory where one is named, else against the whole.</summary>
internal static class EstimateChart
{
    private const int BarWidth = 40;

    /// <summary>Eighths of a character, so that small terms are still seen.</summary>
    private const string Eighths = " ▏▎▍▌▋▊▉█";

    public static void Write(EstimateAnswer answer, bool wide)
    {
        var console = AnsiConsole.Console;
        foreach (var line in Heading(answer.Job, answer.Estimate))
            console.WriteLine(line);
        console.WriteLine();
        var whole = answer.Gpu?.UsableMemory ?? answer.Estimate.Expected;
        WriteTerms(answer.Estimate, whole, wide);
        console.WriteLine();
        foreach (var line in Summary(answer))
            console.WriteLine(line);
    }

    /// <summary>The bars alone.</summary>
    public static void WriteTerms(Estimate estimate, Bytes whole, bool wide) => AnsiConsole.Console.Write(Terms(estimate, whole, wide));

    private static IEnumerable<string> Heading(JobSpec job, Estimate estimate)
    {
        var (training, layout) = (job.Training, job.Parallelism);
        yield return string.Create(CultureInfo.InvariantCulture, $"{job.Model.Name}, {estimate.Parameters:N0} parameters");
        yield return $"{training.Method}, {training.Precision}, {training.Optimizer}, {training.Framework}, sharding {layout.Sharding}, recompute {training.Recompute}";
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"{layout.WorldSize} GPUs (tensor {layout.Tensor} × pipeline {layout.Pipeline} × context {layout.Context} × data {layout.Data}), {training.MicroBatchSize} × {training.SequenceLength:N0} tokens each");
    }

    private static Table Terms(Estimate estimate, Bytes whole, bool wide)
    {
        var table = new Table().NoBorder().HideHeaders();
        table.AddColumn(new TableColumn("term").NoWrap());
        table.AddColumn(new TableColumn("size").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("bar").NoWrap());
        if (wide)
            table.AddColumn("why");
        foreach (var term in estimate.Terms)
            Add(table, TermNames.Of(term.Kind), term.Expected, whole, wide ? $"{term.Formula} = {term.Numbers}  [{term.Source}]" : null);
        Add(table, "expected", estimate.Expected, whole, wide ? "the sum" : null);
        Add(table, "upper bound", estimate.UpperBound, whole, wide ? "what a real run is very unlikely to exceed" : null);
        return table;
    }

    private static void Add(Table table, string name, Bytes size, Bytes whole, string? why)
    {
        List<Text> row = [new(name), new(string.Create(CultureInfo.InvariantCulture, $"{size.GiB:0.00} GiB")), new(Bar(size, whole))];
        if (why is not null)
            row.Add(new Text(why));
        table.AddRow(row);
    }

    /// <summary>A full bar is the whole GPU; what is more gets an arrow.</summary>
    private static string Bar(Bytes size, Bytes whole)
    {
        var eighths = (long)(BarWidth * 8.0 * size.Value / Math.Max(1, whole.Value));
        return eighths > BarWidth * 8
            ? new string('█', BarWidth) + "▶"
            : new string('█', (int)(eighths / 8)) + Eighths[(int)(eighths % 8)].ToString().Trim();
    }

    private static IEnumerable<string> Summary(EstimateAnswer answer)
    {
        var estimate = answer.Estimate;
        if (answer.Gpu is { } gpu)
            yield return answer.Verdict switch
            {
                Verdict.Fits => $"Fits {gpu.Name}: {gpu.UsableMemory} usable, {gpu.UsableMemory - estimate.Expected} free.",
                Verdict.AtRisk => $"At risk on {gpu.Name}: {gpu.UsableMemory} usable holds what is expected, not the upper bound.",
                _ => $"Does not fit {gpu.Name}: {gpu.UsableMemory} usable, {estimate.Expected - gpu.UsableMemory} short.",
            };
        yield return $"PyTorch shows {estimate.Allocated} allocated, {estimate.Reserved} reserved. Peak: {Words(estimate.PeakPhase)}, pipeline stage {estimate.WorstPipelineStage}. Confidence: {estimate.Confidence}.";
        foreach (var assumption in estimate.Assumptions)
            yield return $"Assumed: {assumption}";
    }

    private static string Words(Phase phase) => phase switch
    {
        Phase.Loss => "at the loss",
        Phase.BackwardStart => "as backward begins",
        Phase.BackwardEnd => "as backward ends",
        _ => "in the optimizer step",
    };
}
