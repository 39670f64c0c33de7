using System.Text;

namespace GpuMem.Api.Commands;

/// <summary>A here-document of a shell script, of which its operator has been read and its lines have not (XCU 2.7.4).</summary>
/// <param name="Command">Index of the command that reads it.</param>
/// <param name="End">The line that ends it.</param>
/// <param name="IsQuoted">The word behind the operator is quoted, so that nothing in the lines is put in.</param>
/// <param name="StripsTabs">The operator is &lt;&lt;-, which takes tabs away from where lines begin.</param>
internal sealed record HereDocument(int Command, string End, bool IsQuoted, bool StripsTabs)
{
    /// <param name="script">The script.</param>
    /// <param name="at">Where the operator stands.</param>
    /// <param name="command">Index of the command that it belongs to.</param>
    /// <returns>The document, and where the word that ends it ends; null where no here-document begins.</returns>
    public static (HereDocument Document, int Last)? Begin(string script, int at, int command)
    {
        if (string.CompareOrdinal(script, at, "<<", 0, 2) != 0 || string.CompareOrdinal(script, at, "<<<", 0, 3) == 0)
            return null;
        var start = at + 2;
        var strips = start < script.Length && script[start] == '-';
        start += strips ? 1 : 0;
        while (start < script.Length && script[start] is ' ' or '\t')
            start++;
        var end = start;
        while (end < script.Length && !char.IsWhiteSpace(script[end]) && script[end] is not (';' or '&' or '|' or '<' or '>' or ')'))
            end++;
        var word = script[start..end];
        var plain = word.Trim('\'', '"', '\\');
        return plain.Length == 0 ? null : (new HereDocument(command, plain, plain != word, strips), end - 1);
    }

    /// <summary>Takes the lines up to the one that ends the document; blanks around that one do not matter, as they come from how a manifest is written.</summary>
    /// <param name="script">The script.</param>
    /// <param name="at">The line end before the first line.</param>
    /// <param name="variables">What stands for variables.</param>
    /// <returns>The text, and the line end before what follows.</returns>
    public (string Text, int Last) Read(string script, int at, ShellVariables variables)
    {
        var text = new StringBuilder();
        while (at + 1 < script.Length)
        {
            var end = script.IndexOf('\n', at + 1) is >= 0 and var found ? found : script.Length;
            var line = script[(at + 1)..end];
            at = end;
            if (line.Trim() == End)
                break;
            text.Append(StripsTabs ? line.TrimStart('\t') : line).Append('\n');
        }
        return (IsQuoted ? text.ToString() : Expanded(text.ToString(), variables), at);
    }

    /// <summary>As between double quotes, where a quote is a letter like any other; what commands would print stays as it is written.</summary>
    private static string Expanded(string text, ShellVariables variables)
    {
        var expanded = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length && text[at + 1] is '$' or '`' or '\\' or '\n')
                expanded.Append(text[++at] == '\n' ? "" : text[at]);
            else if (ShellArithmetic.At(text, at, variables) is var (number, closing))
                (_, at) = (expanded.Append(number), closing);
            else if (ShellWords.Substitution(text, at) is var end and > 0)
            {
                expanded.Append(text, at, end - at);
                at = end - 1;
            }
            else if (text[at] == '$')
                at = variables.Expand(text, at, expanded);
            else
                expanded.Append(text[at]);
        }
        return expanded.ToString();
    }
}
