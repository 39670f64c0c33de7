using System.Text.RegularExpressions;

namespace GpuMem.Cli.Tests.Support;

/// <summary>The tables of a page that list fields, the flags that set them, and what they mean.</summary>
internal static partial class FieldTable
{
    public static IEnumerable<(string Field, string Flag, string Meaning)> Lines(string page) =>
        from line in File.ReadLines(Path.Combine(RepositoryRoot.Path, "docs", page))
        let cells = line.Split(" | ")
        where cells.Length == 3 && line.StartsWith("| `", StringComparison.Ordinal)
        select (cells[0].Trim('|', ' ', '`'), cells[1], cells[2].TrimEnd(' ', '|'));

    /// <summary>All flags that a text names.</summary>
    public static IEnumerable<string> Flags(string text) => Flag().Matches(" " + text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"(?<=[\s`])(--[a-z][a-z-]*)")]
    private static partial Regex Flag();
}
