using System.Text;
using GpuMem.Evaluation.Cases;
using GpuMem.TestKit;

namespace GpuMem.Evaluation.Tests;

/// <summary>The published measurements that the project is scored on.</summary>
internal static class MeasuredCases
{
    /// <summary>The runs that constants were fitted to.</summary>
    public static IReadOnlyList<MeasuredCase> Fitted { get; } = [.. Read("cases.dev.jsonl")];

    public static IReadOnlyList<MeasuredCase> All { get; } = [.. Fitted, .. Read("cases.reports.jsonl")];

    private static IEnumerable<MeasuredCase> Read(string file) =>
        File.ReadLines(Path.Combine(RepositoryRoot.Path, "tests", "Evaluation.Tests", "Cases", file)).Select(line => CaseReader.Parse(Encoding.UTF8.GetBytes(line)));
}
