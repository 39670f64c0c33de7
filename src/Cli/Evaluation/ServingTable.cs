using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Evaluation;

namespace GpuMem.Cli.Evaluation;

/// <summary>Reports of real engines beside what we say of them: each row, errors by quantity, and outcomes.</summary>
internal static class ServingTable
{
    /// <exception cref="UserErrorException">The file cannot be read; the message names the line.</exception>
    public static List<ServingReport> Read(string file)
    {
        if (!File.Exists(file))
            throw new UserErrorException($"{file}: no such file");
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "configs");
        List<ServingReport> reports = [];
        var number = 0;
        foreach (var line in File.ReadLines(file).Where(line => !string.IsNullOrWhiteSpace(line)))
        {
            number++;
            try
            {
                reports.Add(ServingReport.Of(JsonNode.Parse(line)!, folder));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or NullReferenceException)
            {
                throw new UserErrorException($"{file}, line {number}: no report: id, model, engine, flags and quantity are needed");
            }
        }

        return reports;
    }

    public static void Write(IReadOnlyList<ServingReport> reports, TextWriter output)
    {
        foreach (var report in reports)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Id,-32} {report.Quantity,-26} {report.Reported,10:0.00} {report.Expected,10:0.00} {report.Error,8:+0.0%;-0.0%} {Judged(report)}{report.Problem}"));
        }

        output.WriteLine();
        foreach (var group in reports.GroupBy(report => report.Quantity))
        {
            if (ErrorStatistics.Of(group.Select(report => report.Error).OfType<double>()) is { } errors)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{group.Key}: {errors.Count} of {group.Count()}, median {errors.Median:0.0%}, 90th percentile {errors.NinetiethPercentile:0.0%}, worst {errors.Worst:+0.0%;-0.0%}"));
            }
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"outcomes: {reports.Count(report => report is { Started: not null, Fits: not null })}, wrong {reports.Count(report => report.IsWrong)}"));
    }

    private static string Judged(ServingReport report) => report switch
    {
        { Fits: null } or { Started: null } => "",
        { IsWrong: true } => report.Started == true ? "started, we deny " : "did not start, we admit ",
        _ => report.Started == true ? "started " : "did not start ",
    };
}
