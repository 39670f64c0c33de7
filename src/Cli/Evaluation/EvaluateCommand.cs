using System.CommandLine;
using System.Text;
using GpuMem.Evaluation;
using GpuMem.Evaluation.Cases;
using GpuMem.Evaluation.Manifests;

namespace GpuMem.Cli.Evaluation;

/// <summary><c>gpumem evaluate</c>: published measurements as manifests, each estimated like anybody's, beside what people use today.</summary>
internal static class EvaluateCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("cases") { Description = "a file of cases, one JSON object per line" };
        var json = new Option<bool>("--json") { Description = "statistics for machines" };
        var jsonLines = new Option<bool>("--jsonl") { Description = "one JSON object per case" };
        var groupBy = new Option<string?>("--group-by") { Description = "framework, mode or metric" };
        groupBy.AcceptOnlyFromAmong("framework", "mode", "metric");
        var worst = new Option<int>("--worst") { Description = "also list so many cases with the largest errors" };
        var plot = new Option<string?>("--plot") { Description = "draw predicted against measured into this SVG file" };
        var accuracy = new Option<string?>("--accuracy") { Description = "write the page on accuracy into this Markdown file" };
        var reports = new Option<string?>("--reports") { Description = "more cases, which nothing was sharpened on, for a section of that page" };
        var manifests = new Option<string?>("--as-manifests") { Description = "write the manifest of each case into this folder, as ID.yaml for gpumem estimate -f" };
        var serving = new Option<bool>("--serving") { Description = "the file holds reports of engines that serve, with the flags of gpumem inference" };
        var command = new Command("evaluate", "Score the estimates against measured runs.")
        {
            file, json, jsonLines, groupBy, worst, plot, accuracy, reports, manifests, serving,
        };
        command.SetAction(result =>
        {
            if (result.GetValue(serving))
            {
                ServingTable.Write(ServingTable.Read(result.GetValue(file)!), Console.Out);
                return ExitStatus.Fits;
            }

            var cases = Read(result.GetValue(file)!);
            if (result.GetValue(manifests) is { } folder)
                CaseFolder.Write(cases, folder);
            var scores = new Scores(Score(cases), result.GetValue(groupBy));
            if (result.GetValue(plot) is { } picture)
                File.WriteAllText(picture, AccuracyPlot.Draw(scores.All));
            if (result.GetValue(accuracy) is { } page)
                File.WriteAllText(page, AccuracyPage.Of(scores, result.GetValue(reports) is { } second ? Score(Read(second)) : []));
            if (result.GetValue(jsonLines))
                EvaluationJson.WriteLines(scores.All, Console.Out);
            else if (result.GetValue(json))
                OutputFormat.Write(EvaluationJson.Of(scores, result.GetValue(worst)), "json", Console.Out);
            else
                EvaluationTables.Write(scores, result.GetValue(worst));
            return ExitStatus.Fits;
        });
        return command;
    }

    private static List<ScoredCase> Score(List<MeasuredCase> cases) => [.. cases.Select(item => new ScoredCase(CaseScorer.Score(item)))];

    /// <exception cref="UserErrorException">A line is no case; the message names it.</exception>
    private static List<MeasuredCase> Read(string file)
    {
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        List<MeasuredCase> cases = [];
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                cases.Add(CaseReader.Parse(Encoding.UTF8.GetBytes(line)));
            }
            catch (CaseFormatException error)
            {
                throw new UserErrorException($"{file}, line {number}: {error.Message}");
            }
        }

        return cases;
    }
}
