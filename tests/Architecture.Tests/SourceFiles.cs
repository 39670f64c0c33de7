using System.Text.RegularExpressions;
using GpuMem.TestKit;

namespace GpuMem.Architecture.Tests;

/// <summary>The files of the repository, without what a build makes of them.</summary>
internal static class SourceFiles
{
    private static readonly string[] Made = ["bin", "obj", "artifacts", "node_modules", "TestResults"];

    public static IReadOnlyList<(string Path, string Text)> Under(string folder, string pattern = "*.cs")
    {
        var root = Path.Combine(RepositoryRoot.Path, folder);
        return !Directory.Exists(root) ? [] : [.. Directory.EnumerateFiles(root, pattern, SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(RepositoryRoot.Path, file))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => Made.Contains(part)))
            .Order(StringComparer.Ordinal)
            .Select(file => (file, File.ReadAllText(Path.Combine(RepositoryRoot.Path, file))))];
    }

    /// <summary>Each place where a file says what it must not: path, line, words.</summary>
    public static IEnumerable<string> Saying(this IEnumerable<(string Path, string Text)> files, Regex forbidden) =>
        from file in files
        from line in file.Text.Split('\n').Select((text, index) => (Text: text, Number: index + 1))
        from Match match in forbidden.Matches(line.Text)
        select $"{file.Path}:{line.Number}: {match.Value}";
}
