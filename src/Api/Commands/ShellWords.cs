using System.Text;

namespace GpuMem.Api.Commands;

/// <summary>
/// The simple commands of a shell script and their words, as POSIX sh splits them (XCU 2.2 and 2.3): quotes, escapes, continued lines, comments,
/// assignments and variables (2.6.2, of which the default behind <c>:-</c>). Nothing is run, so whatever only running would tell stays as it is written.
/// </summary>
internal static class ShellWords
{
    /// <param name="script">What <c>sh -c</c> is given.</param>
    /// <param name="variables">The environment; what the script assigns is added.</param>
    /// <returns>One list of words for each command between <c>;</c>, <c>&amp;&amp;</c>, <c>||</c>, <c>|</c> and line ends.</returns>
    public static List<List<string>> Commands(string script, Dictionary<string, string> variables)
    {
        List<List<string>> commands = [[]];
        var word = new StringBuilder();
        var (inWord, quote) = (false, '\0');
        for (var at = 0; at < script.Length; at++)
        {
            var letter = script[at];
            if (quote == '\'' && letter != quote)
                word.Append(letter);
            else if (letter == quote && quote != '\0')
                quote = '\0';
            else if (letter == '\\' && at + 1 < script.Length)
                inWord |= Escaped(script[++at], quote, word);
            else if (Substitution(script, at) is var end and > 0)
                (at, inWord) = (end - 1, word.Append(script, at, end - at).Length > 0);
            else if (letter == '$')
                (at, inWord) = (Variable(script, at, variables, word), true);
            else if (quote != '\0')
                word.Append(letter);
            else if (letter is '\'' or '"')
                (quote, inWord) = (letter, true);
            else if (letter == '#' && !inWord)
                at = EndOfLine(script, at) - 1;
            else if (char.IsWhiteSpace(letter) || letter is ';' or '&' or '|' or '(' or ')')
                inWord = End(commands, word, inWord, ofCommand: letter is '\n' or ';' or '&' or '|' or '(' or ')', variables);
            else
                (_, inWord) = (word.Append(letter), true);
        }
        End(commands, word, inWord, ofCommand: false, variables);
        return commands;
    }

    /// <summary>A backslash before a line end joins the lines; between double quotes it is a letter like any other, except before four.</summary>
    private static bool Escaped(char letter, char quote, StringBuilder word)
    {
        if (letter == '\n')
            return false;
        if (quote == '"' && letter is not ('"' or '\\' or '$' or '`'))
            word.Append('\\');
        word.Append(letter);
        return true;
    }

    /// <returns>Where a command whose output would be put in ends; 0 where none begins. What it prints is not known, so it stays as it is written.</returns>
    private static int Substitution(string script, int at)
    {
        if (script[at] == '`')
            return script.IndexOf('`', at + 1) is >= 0 and var close ? close + 1 : script.Length;
        if (script[at] != '$' || at + 1 >= script.Length || script[at + 1] != '(')
            return 0;
        var (end, depth) = (at + 2, 1);
        for (; end < script.Length && depth > 0; end++)
            depth += script[end] switch { '(' => 1, ')' => -1, _ => 0 };
        return end;
    }

    /// <returns>Where its last letter stands. One that is not known stays as it is written.</returns>
    private static int Variable(string script, int at, Dictionary<string, string> variables, StringBuilder word)
    {
        var braces = at + 1 < script.Length && script[at + 1] == '{';
        var start = braces ? at + 2 : at + 1;
        var end = start;
        while (end < script.Length && (char.IsAsciiLetterOrDigit(script[end]) || script[end] == '_'))
            end++;
        var last = braces ? Math.Max(script.IndexOf('}', start), end - 1) : end - 1;
        var rest = braces && end < last ? script[end..last] : "";
        if (!variables.TryGetValue(script[start..end], out var value) || (rest.Length > 0 && !IsDefault(rest)))
            value = IsDefault(rest) ? rest[2..] : script[at..(last + 1)];
        word.Append(value);
        return last;
    }

    private static bool IsDefault(string rest) => rest.StartsWith(":-", StringComparison.Ordinal) && rest.AsSpan().IndexOfAny('$', '`', '{') < 0;

    /// <summary>A command that is nothing but assignments, perhaps exported; before a command they are words of it.</summary>
    private static void Assign(List<string> command, Dictionary<string, string> variables)
    {
        List<string> words = command is ["export" or "readonly" or "local", .. var exported] ? exported : command;
        if (!words.TrueForAll(IsAssignment))
            return;
        foreach (var word in words)
            variables[word[..word.IndexOf('=', StringComparison.Ordinal)]] = word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..];
    }

    /// <summary>NAME=value.</summary>
    public static bool IsAssignment(string word)
    {
        var name = word.AsSpan(0, Math.Max(0, word.IndexOf('=', StringComparison.Ordinal)));
        foreach (var letter in name)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '_')
                return false;
        }
        return name.Length > 0 && !char.IsAsciiDigit(name[0]);
    }

    private static int EndOfLine(string script, int at) => script.IndexOf('\n', at) is >= 0 and var end ? end : script.Length;

    /// <returns>That no word has begun.</returns>
    private static bool End(List<List<string>> commands, StringBuilder word, bool inWord, bool ofCommand, Dictionary<string, string> variables)
    {
        if (inWord)
            commands[^1].Add(word.ToString());
        if (ofCommand && commands[^1].Count > 0)
        {
            Assign(commands[^1], variables);
            commands.Add([]);
        }
        word.Clear();
        return false;
    }
}
