using GpuMem.Evaluation;
using GpuMem.Evaluation.LeftOut;
using GpuMem.Planning;
using Spectre.Console;

namespace GpuMem.Cli.Evaluation;

/// <summary>Scores for people.</summary>
internal static class EvaluationTables
{
    public static void Write(Scores scores, int worst)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        // A table that is cut to the width of a terminal, or of nothing at all when piped, loses the figures it is for.
        console.Profile.Width = Math.Max(console.Profile.Width, 180);
        if (Console.IsOutputRedirected)
            console.Profile.Capabilities.Ansi = false;
        console.Write(Errors(scores));
        console.WriteLine("Absolute errors of expected against measured; the baselines as median / p90.");
        console.WriteLine();
        console.Write(LeftOut(new LeaveOneSourceOut(scores.All)));
        console.WriteLine("Whole jobs; left out: the allocator's slack is fitted to other publishers' runs. Experimental: one publisher alone.");
        console.WriteLine();
        console.Write(Verdicts(scores));
        if (worst > 0)
        {
            console.WriteLine();
            console.Write(Cases(scores.Worst(worst)));
        }

        foreach (var item in scores.Unsupported)
            console.WriteLine($"not estimated: {item.Case.Id}: {item.Score.Problem}");
    }

    private static Table Errors(Scores scores)
    {
        var table = Plain("", "cases", "median", "p90", "worst", "bias", "below upper", "upper/expected", "16 B/parameter", "DeepSpeed", "Megatron");
        foreach (var group in scores.Groups().Where(group => group.Errors is not null))
        {
            var errors = group.Errors!;
            table.AddRow(
                group.Name,
                FigureText.Count(errors.Count),
                FigureText.Percent(errors.Median),
                FigureText.Percent(errors.NinetiethPercentile),
                FigureText.Signed(errors.Worst),
                FigureText.Signed(errors.Bias),
                FigureText.Percent(group.Covered!.Value),
                FigureText.Factor(group.Sharpness!.Value),
                FigureText.Baseline(group.SixteenPerParameter),
                FigureText.Baseline(group.DeepSpeed),
                FigureText.Baseline(group.Megatron));
        }

        return table;
    }

    private static Table LeftOut(LeaveOneSourceOut scores)
    {
        var table = Plain(
            "", "cases", "sources", "in-sample median", "p90", "below upper", "upper/expected",
            "left-out median", "p90", "below upper", "upper/expected");
        LeftOutGroup[] rows = [scores.Established, scores.Experimental, .. scores.Programs];
        foreach (var row in rows.Where(row => row.Cases > 0))
        {
            string[] counts = [FigureText.Count(row.Cases), FigureText.Count(row.Sources)];
            table.AddRow([row.Name, .. counts, .. FigureText.Bounded(row.InSample), .. FigureText.Bounded(row.LeftOut)]);
        }

        return table;
    }

    private static Table Verdicts(Scores scores)
    {
        Verdict[] verdicts = [Verdict.Fits, Verdict.AtRisk, Verdict.DoesNotFit, Verdict.Impossible];
        var table = Plain(["measured", "cases", .. verdicts.Select(verdict => verdict.ToString())]);
        foreach (var (kind, count, counts) in scores.Confusion())
            table.AddRow([kind, FigureText.Count(count), .. verdicts.Select(verdict => FigureText.Count(counts.GetValueOrDefault(verdict)))]);
        return table;
    }

    private static Table Cases(IEnumerable<ScoredCase> cases)
    {
        var table = Plain("case", "metric", "measured GiB", "expected", "upper", "error");
        foreach (var item in cases)
        {
            table.AddRow(
                Markup.Escape(item.Case.Id),
                item.Case.Measured.Metric.ToString(),
                FigureText.GiB(item.Case.Measured.Gib!.Value),
                FigureText.GiB(item.Score.Own!.Value.Expected.GiB),
                FigureText.GiB(item.Score.Own.Value.Upper.GiB),
                FigureText.Signed(item.Score.Error!.Value));
        }

        return table;
    }

    private static Table Plain(params string[] columns)
    {
        var table = new Table().SimpleBorder();
        for (var i = 0; i < columns.Length; i++)
            table.AddColumn(i == 0 ? new TableColumn(columns[i]).NoWrap() : new TableColumn(columns[i]).RightAligned().NoWrap());
        return table;
    }
}
