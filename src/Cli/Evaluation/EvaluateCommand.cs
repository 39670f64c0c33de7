using System.CommandLine;
using GpuMem.Estimation.Evaluation;
using GpuMem.Estimation.Evaluation.Cases;

namespace GpuMem.Cli.Evaluation;

/// <summary><c>gpumem evaluate</c>: the engine against published measurements, beside what people use today.</summary>
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
        var command = new Command("evaluate", "Score the estimates against measured runs.") { file, json, jsonLines, groupBy, worst, plot };
        command.SetAction(result =>
        {
            var evaluation = new Evaluation(Score(result.GetValue(file)!), result.GetValue(groupBy));
            if (result.GetValue(plot) is { } picture)
                File.WriteAllText(picture, AccuracyPlot.Draw(evaluation.Scored));
            if (result.GetValue(jsonLines))
                EvaluationJson.WriteLines(evaluation.Scored, Console.Out);
            else if (result.GetValue(json))
                OutputFormat.Write(EvaluationJson.Of(evaluation, result.GetValue(worst)), "json", Console.Out);
            else
                EvaluationTables.Write(evaluation, result.GetValue(worst));
            return ExitStatus.Fits;
        });
        return command;
    }

    /// <exception cref="UserErrorException">A line is no case; the message names it.</exception>
    private static List<ScoredCase> Score(string file)
    {
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        List<ScoredCase> scored = [];
        var number = 0;
        foreach (var line in File.ReadLines(file))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                scored.Add(new ScoredCase(CaseScorer.Score(CaseReader.Parse(System.Text.Encoding.UTF8.GetBytes(line)))));
            }
            catch (CaseFormatException error)
            {
                throw new UserErrorException($"{file}, line {number}: {error.Message}");
            }
        }

        return scored;
    }
}
