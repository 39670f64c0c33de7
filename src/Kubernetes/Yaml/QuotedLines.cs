using System.Text;
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

    /// <summary>No manifest is indented as deep.</summary>
    private const int Blanks = 256;

    /// <returns>The file with the lines of the refused text indented; null where something else was refused.</returns>
    public static string? Indent(string text, YamlException refused)
    {
        var start = (int)refused.Start.Index;
        if (refused.Message != Refusal || start >= text.Length || text[start] != '"')
            return null;
        var (mended, at) = (new StringBuilder(text, 0, start + 1, text.Length + Blanks), start + 1);
        for (; at < text.Length && text[at] != '"'; at++)
        {
            mended.Append(text[at]);
            if (text[at] == '\\' && at + 1 < text.Length)
                mended.Append(text[++at]);
            if (text[at] == '\n')
                mended.Append(' ', Blanks);
        }
        return mended.Append(text, at, text.Length - at).ToString();
    }
}
