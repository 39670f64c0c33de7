using YamlDotNet.Core;

namespace GpuMem.Kubernetes.Yaml;

/// <summary>
/// Texts between double quotes that go on in lines without indentation. kubectl takes them (go-yaml's scanner asks for none there), YamlDotNet refuses them;
/// blanks where such a line begins are no part of the text, so that some can be put there.
/// </summary>
internal static class QuotedLines
{
    /// <summary>Texts of one file that are mended, each of which takes another reading of it.</summary>
    public const int Most = 16;

    private const string Refusal = "While scanning a multi-line double-quoted scalar, found wrong indentation.";

    // No manifest is indented as deep.
    private static readonly string NewLine = "\n" + new string(' ', 256);

    /// <returns>The file with the lines of the refused text indented; null where something else was refused.</returns>
    public static string? Indent(string text, YamlException refused)
    {
        int start = (int)refused.Start.Index, end = start + 1;
        if (refused.Message != Refusal || start >= text.Length || text[start] != '"')
            return null;
        while (end < text.Length && text[end] != '"')
            end += text[end] == '\\' ? 2 : 1;
        end = Math.Min(end, text.Length);
        return string.Concat(text.AsSpan(0, start), text[start..end].Replace("\n", NewLine, StringComparison.Ordinal), text.AsSpan(end));
    }
}
