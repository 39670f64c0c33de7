using System.Text;
using GpuMem.Estimation.Calibration;
using GpuMem.Evaluation;
using GpuMem.Evaluation.LeftOut;
using GpuMem.Planning;

namespace GpuMem.Cli.Evaluation;

/// <summary>The page on accuracy, docs/accuracy.md: everything on it follows from the cases.</summary>
internal static class AccuracyPage
{
    private static readonly string[] Bounds = ["median", "90th percentile", "below the upper bound", "upper bound / expected"];

    /// <param name="reports">Runs that users reported and that nothing was sharpened on; none leaves their section out.</param>
    public static string Of(Scores scores, IReadOnlyList<ScoredCase> reports)
    {
        var leftOut = new LeaveOneSourceOut(scores.All);
        StringBuilder page = new();
        page.Append(Introduction).Append('\n');
        Headline(page, leftOut, scores);
        Programs(page, leftOut);
        Allocator(page, leftOut);
        Groups(page, scores);
        Verdicts(page, scores);
        if (reports.Count > 0)
            Reports(page, reports);
        return page.Append("![predicted against measured memory](accuracy.svg)\n").ToString();
    }

    private const string Introduction = """
        # Accuracy

        Written by `gpumem evaluate CASES --reports REPORTS --accuracy FILE`; do not edit it. The runs and where they were published:
        [tests/Evaluation.Tests/Cases](../tests/Evaluation.Tests/Cases/README.md). The formulas: [estimation.md](estimation.md).

        Errors are sizes of expected / measured − 1. A run is held against what it measured: allocated, active, reserved or process memory.

        ## Headline

        *Left out* comes nearest to what somebody sees whose runs are not among ours: for each publisher the allocator table (below) is
        fitted anew to the runs of all others, and predicts that publisher's runs. The slack of a use is the median of its runs. Where
        fewer than five, or those of a single publisher, are left, it is that of all uses that gather weights into buffers of many sizes
        (flat parameters, DeepSpeed), if it is one of them, or of all runs. The upper bound covers 97 % of them. Whatever the owner of a
        repository or account published is one source.

        Only the allocator table is left out. Margins of activations, the readings of programs' code, and the bytes per logit of LitGPT,
        torchtitan and ms-swift (`src/Estimation/Calibration`) saw all runs. Programs that one publisher alone measured are therefore
        *experimental* and no part of the headline: their code was read with these very runs in sight.

        """;

    private static void Headline(StringBuilder page, LeaveOneSourceOut scores, Scores all)
    {
        var (established, experimental) = (scores.Established, scores.Experimental);
        Table(page, ["", "runs", "sources", .. Bounds],
        [
            ["**left out**", .. Counts(established), .. FigureText.Bounded(established.LeftOut)],
            ["in sample, the same runs", .. Counts(established), .. FigureText.Bounded(established.InSample)],
            ["experimental, left out", .. Counts(experimental), .. FigureText.Bounded(experimental.LeftOut)],
            ["experimental, in sample", .. Counts(experimental), .. FigureText.Bounded(experimental.InSample)],
            .. all.Groups().Take(1).Where(whole => whole.Errors is not null).Select(whole => (string[])
                ["all, in sample", FigureText.Count(whole.Errors!.Count), "", .. FigureText.Bounded(whole)]),
        ]);
    }

    private static void Programs(StringBuilder page, LeaveOneSourceOut scores)
    {
        page.Append("## By program\n\n");
        Table(
            page,
            ["program", "runs", "sources", "median in sample", "left out", "90th percentile in sample", "left out", ""],
            scores.Programs.Select(program => (string[])
            [
                program.Name, .. Counts(program),
                Text(program.InSample.Errors?.Median), Text(program.LeftOut.Errors?.Median),
                Text(program.InSample.Errors?.NinetiethPercentile), Text(program.LeftOut.Errors?.NinetiethPercentile),
                LeaveOneSourceOut.IsExperimental(program) ? "experimental" : "",
            ]));
    }

    private static void Allocator(StringBuilder page, LeaveOneSourceOut scores)
    {
        page.Append("## Allocator\n\nWhat the caching allocator reserves beyond what is used, in percent of it. The median is what\n");
        page.Append("the runs with reserved or process memory say, the error of everything else included.\n\n");
        Table(
            page,
            ["use", "expected", "at most", "runs", "sources", "median of the runs"],
            scores.Allocator.Select(line => (Line: line, Slack: AllocatorSlack.Of(line.Use))).Select(row => (string[])
            [
                row.Line.Use.ToString(), $"{FigureText.Count(row.Slack.Expected)} %", $"{FigureText.Count(row.Slack.Upper)} %",
                FigureText.Count(row.Line.Cases), FigureText.Count(row.Line.Sources), Text(row.Line.Median),
            ]));
    }

    private static void Groups(StringBuilder page, Scores scores)
    {
        page.Append("## In sample\n\nBeside what people use otherwise, as median / 90th percentile: 16 bytes per parameter, DeepSpeed's\n");
        page.Append("estimators, Megatron's theoretical memory. *Metric not stated* and components are no part of the figures above.\n\n");
        Table(
            page,
            ["", "runs", .. Bounds, "worst", "bias", "16 B/parameter", "DeepSpeed", "Megatron"],
            scores.Groups().Where(group => group.Errors is not null).Select(group => (string[])
            [
                group.Name.Trim(), FigureText.Count(group.Errors!.Count), .. FigureText.Bounded(group),
                FigureText.Signed(group.Errors.Worst), FigureText.Signed(group.Errors.Bias),
                FigureText.Baseline(group.SixteenPerParameter), FigureText.Baseline(group.DeepSpeed), FigureText.Baseline(group.Megatron),
            ]));
    }

    private static void Verdicts(StringBuilder page, Scores scores)
    {
        Verdict[] verdicts = [Verdict.Fits, Verdict.AtRisk, Verdict.DoesNotFit, Verdict.Impossible];
        page.Append("## Verdicts\n\n*Said to fit* are runs published without a value; *ran* have one.\n\n");
        Table(
            page,
            ["measured", "runs", .. verdicts.Select(verdict => verdict.ToString())],
            scores.Confusion().Select(row => (string[])
            [
                row.Kind, FigureText.Count(row.Count),
                .. verdicts.Select(verdict => FigureText.Count(row.Verdicts.GetValueOrDefault(verdict))),
            ]));
    }

    private static void Reports(StringBuilder page, IReadOnlyList<ScoredCase> reports)
    {
        var whole = new CaseGroup("", reports.Where(item => item.IsExact));
        page.Append("## Reported by users\n\nNothing was sharpened on these runs.");
        if (whole.Errors is { } errors)
        {
            page.Append(" Errors of those with a value: ").Append(FigureText.Percent(errors.Median)).Append(" in the median, ")
                .Append(FigureText.Percent(errors.NinetiethPercentile)).Append(" at the 90th percentile, ")
                .Append(FigureText.Percent(whole.Covered!.Value)).Append(" of them below the upper bound.");
        }

        page.Append("\n\n");
        Table(
            page,
            ["run", "measured", "GiB", "expected", "at most", "error", "verdict"],
            reports.Select(item => (string[])
            [
                item.Case.Id, item.Case.Measured.Metric.ToString(), item.Case.Measured.Gib is { } gib ? FigureText.GiB(gib) : "",
                item.Score.Own is { } own ? FigureText.GiB(own.Expected.GiB) : "–",
                item.Score.Own is { } bounds ? FigureText.GiB(bounds.Upper.GiB) : "–",
                item.Score.Error is { } error ? FigureText.Signed(error) : "", item.Verdict?.ToString() ?? "–",
            ]));
    }

    private static string[] Counts(LeftOutGroup group) => [FigureText.Count(group.Cases), FigureText.Count(group.Sources)];

    private static string Text(double? share) => share is { } known ? FigureText.Percent(known) : "–";

    private static void Table(StringBuilder page, string[] columns, IEnumerable<string[]> rows)
    {
        page.Append("| ").AppendJoin(" | ", columns).Append(" |\n|---|").Insert(page.Length, "--:|", columns.Length - 1).Append('\n');
        foreach (var row in rows)
            page.Append("| ").AppendJoin(" | ", row).Append(" |\n");
        page.Append('\n');
    }
}
