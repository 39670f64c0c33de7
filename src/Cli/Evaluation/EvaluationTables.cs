using System.Globalization;
using GpuMem.Evaluation;
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
                errors.Count.ToString(CultureInfo.InvariantCulture),
                Percent(errors.Median),
                Percent(errors.NinetiethPercentile),
                Signed(errors.Worst),
                Signed(errors.Bias),
                Percent(group.Covered!.Value),
                group.Sharpness!.Value.ToString("0.00", CultureInfo.InvariantCulture),
                Baseline(group.SixteenPerParameter),
                Baseline(group.DeepSpeed),
                Baseline(group.Megatron));
        }

        return table;
    }

    private static Table Verdicts(Scores scores)
    {
        Verdict[] verdicts = [Verdict.Fits, Verdict.AtRisk, Verdict.DoesNotFit, Verdict.Impossible];
        var table = Plain(["measured", "cases", .. verdicts.Select(verdict => verdict.ToString())]);
        foreach (var (kind, count, counts) in scores.Confusion())
            table.AddRow([kind, .. new[] { count }.Concat(verdicts.Select(verdict => counts.GetValueOrDefault(verdict))).Select(number => number.ToString(CultureInfo.InvariantCulture))]);
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
                GiB(item.Case.Measured.Gib!.Value),
                GiB(item.Score.Own!.Value.Expected.GiB),
                GiB(item.Score.Own.Value.Upper.GiB),
                Signed(item.Score.Error!.Value));
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

    private static string Baseline(ErrorStatistics? errors) => errors is null
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * errors.Median:0} % / {100 * errors.NinetiethPercentile:0} %");

    private static string GiB(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    private static string Signed(double share) => (100 * share).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) + " %";
}
