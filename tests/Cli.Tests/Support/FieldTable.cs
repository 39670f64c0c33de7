using System.Text.RegularExpressions;

namespace GpuMem.Cli.Tests.Support;

/// <summary>The tables of docs/reference.md that list the fields of a spec and the flags that set them.</summary>
internal static partial class FieldTable
{
    /// <param name="kind">The kind whose spec it is.</param>
    public static IEnumerable<(string Field, string Flag)> Lines(string kind) =>
        from line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", "reference.md")).SkipWhile(line => line != $"### {kind} spec").TakeWhile(line => line != $"### {kind} status")
        let cells = line.Split(" | ")
        where line.StartsWith("| `", StringComparison.Ordinal)
        select (cells[0].Trim('|', ' ', '`'), cells[3]);

    /// <summary>All flags that a text names.</summary>
    public static IEnumerable<string> Flags(string text) => Flag().Matches(" " + text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"(?<=[\s`])(--[a-z][a-z-]*)")]
    private static partial Regex Flag();
}
