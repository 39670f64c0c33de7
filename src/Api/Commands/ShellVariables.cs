using System.Text;

namespace GpuMem.Api.Commands;

/// <summary>The variables of a shell script, bash's arrays among them, and what stands for them (XCU 2.6.2 and 2.6.5).</summary>
/// <param name="variables">The environment; what the script assigns is added.</param>
/// <param name="parameters">The positional parameters: $@, as bash has it an array like others.</param>
/// <param name="expansions">How much may stand for variables.</param>
internal sealed class ShellVariables(Dictionary<string, string> variables, IReadOnlyList<string> parameters, Expansions expansions)
{
    /// <summary>Letters between braces; no default is longer.</summary>
    private const int MostInBraces = 4096;

    /// <summary>Of each word its end and where it stands count, too (execve(2)).</summary>
    private const int PerWord = 9;

    private readonly Dictionary<string, List<string>> _arrays = new(StringComparer.Ordinal) { ["@"] = [.. parameters] };

    /// <summary>A command that is nothing but assignments, perhaps exported; before a command they are words of it.</summary>
    public void Assign(List<string> command)
    {
        List<string> words = command is ["export" or "readonly" or "local" or "declare", .. var exported] ? exported : command;
        if (!words.TrueForAll(ShellWords.IsAssignment))
            return;
        foreach (var word in words)
        {
            var equals = word.IndexOf('=', StringComparison.Ordinal);
            variables[word[..equals]] = word[(equals + 1)..];
        }
    }

    /// <summary>The value of a variable; null of one that is not known.</summary>
    public string? Value(string name) => variables.GetValueOrDefault(name);

    /// <param name="assigned">NAME= or NAME+=.</param>
    /// <param name="words">What stands between the parentheses.</param>
    public void AssignArray(string assigned, List<string> words)
    {
        var name = assigned.TrimEnd('=', '+');
        _arrays[name] = assigned.EndsWith("+=", StringComparison.Ordinal) ? [.. _arrays.GetValueOrDefault(name, []), .. words] : words;
    }

    /// <param name="script">The script.</param>
    /// <param name="at">Where the dollar stands.</param>
    /// <param name="isSplit">It stands outside of quotes, where blanks divide words.</param>
    /// <returns>The words, the first of which goes on with what stands before; and where its last letter stands. A variable that is not known stays as it is written.</returns>
    public (IReadOnlyList<string> Words, int Last) Expand(string script, int at, bool isSplit)
    {
        var braces = at + 1 < script.Length && script[at + 1] == '{';
        var start = braces ? at + 2 : at + 1;
        var end = start;
        while (end < script.Length && (char.IsAsciiLetterOrDigit(script[end]) || script[end] == '_'))
            end++;
        if (end == start && end < script.Length && script[end] is '@')
            end++;
        var last = braces ? Math.Max(script.IndexOf('}', start, Math.Min(MostInBraces, script.Length - start)), end - 1) : end - 1;
        var (name, rest) = (script[start..end], braces && end < last ? script[end..last] : "");
        return (Words(name, rest, isSplit) ?? [script[at..(last + 1)]], last);
    }

    /// <summary>As between double quotes, behind what is there already.</summary>
    /// <returns>Where the last letter of the reference stands.</returns>
    public int Expand(string script, int at, StringBuilder behind)
    {
        var (words, last) = Expand(script, at, isSplit: false);
        behind.AppendJoin(' ', words);
        return last;
    }

    /// <summary>Null where what stands for it is not known, or too much.</summary>
    private List<string>? Words(string name, string rest, bool isSplit)
    {
        if ((rest is "[@]" or "[*]" || (name == "@" && rest is "" or ":1")) && _arrays.TryGetValue(name, out var array))
            return !expansions.Take(array.Sum(word => (long)word.Length + PerWord)) ? null : isSplit ? [.. array.SelectMany(Split)] : rest != "[*]" ? array : [string.Join(' ', array)];
        var value = rest.Length == 0 && _arrays.TryGetValue(name, out var first) ? first.FirstOrDefault("")
            : rest.Length == 0 || IsDefault(rest) ? variables.GetValueOrDefault(name) ?? (rest.Length > 0 ? rest[2..] : null)
            : null;
        return value is null || !expansions.Take(value.Length) ? null : isSplit ? Split(value) : [value];
    }

    private static bool IsDefault(string rest) => rest.StartsWith(":-", StringComparison.Ordinal) && rest.AsSpan().IndexOfAny('$', '`', '{') < 0;

    /// <summary>Blanks inside a command whose output is not known divide nothing. A blank at an end divides from what stands beside it: an empty word says so.</summary>
    private static List<string> Split(string value)
    {
        List<string> words = [];
        var word = new StringBuilder();
        for (var at = 0; at < value.Length; at++)
        {
            if (ShellWords.Substitution(value, at) is var end and > 0)
            {
                word.Append(value, at, end - at);
                at = end - 1;
            }
            else if (!char.IsWhiteSpace(value[at]))
                word.Append(value[at]);
            else if (at == 0 || !char.IsWhiteSpace(value[at - 1]))
            {
                words.Add(word.ToString());
                word.Clear();
            }
        }
        words.Add(word.ToString());
        return words;
    }
}
