using System.Text;

namespace GpuMem.Api.Commands;

/// <summary>
/// The simple commands of a shell script and their words, as POSIX sh splits them (XCU 2.2, 2.3, 2.6.5 and 2.7.4): quotes, escapes, continued lines, comments,
/// here-documents, redirections, assignments and variables, and the arrays of bash. Nothing is run, so whatever only running would tell stays as it is written.
/// </summary>
internal sealed class ShellWords
{
    /// <summary>Of one command, and letters of a variable's name: nobody writes as many.</summary>
    private const int MostAssignments = 100, LongestName = 200;

    private readonly string _script;
    private readonly ShellVariables _variables;
    private readonly List<List<string>> _commands = [[]];
    private readonly StringBuilder _word = new();

    private bool _inWord;
    private char _quote;

    /// <summary>The array between whose parentheses words are; null outside of one.</summary>
    private (string Assigned, List<string> Words)? _array;

    /// <summary>The here-documents that begin on the next line.</summary>
    private readonly List<HereDocument> _documents = [];

    /// <summary>The here-documents that have been read, by the command that reads them.</summary>
    private readonly Dictionary<int, string> _inputs = [];

    /// <summary>The files that standard output goes to, by command.</summary>
    private readonly List<(int Command, string Path, bool IsAppended)> _outputs = [];

    /// <summary>The redirection whose word is the next one; null where words are the command's.</summary>
    private ShellRedirection? _redirection;

    private ShellWords(string script, ShellVariables variables) => (_script, _variables) = (script, variables);

    /// <param name="script">What <c>sh -c</c> is given.</param>
    /// <param name="variables">The environment; what the script assigns is added.</param>
    /// <param name="parameters">What stands behind the script and its name: "$@".</param>
    /// <param name="expansions">How much may stand for variables.</param>
    /// <returns>One for each command between <c>;</c>, <c>&amp;&amp;</c>, <c>||</c>, <c>|</c> and line ends.</returns>
    public static List<ShellCommand> Commands(string script, Dictionary<string, string> variables, IReadOnlyList<string> parameters, Expansions expansions)
    {
        var words = new ShellWords(script, new ShellVariables(variables, parameters, expansions));
        for (var at = 0; at < script.Length; at++)
            at = words.Take(at);
        words.EndWord();
        var outputs = words._outputs.ToLookup(output => output.Command, output => (output.Path, output.IsAppended));
        return [.. words._commands.Select((command, at) => new ShellCommand(command, words._inputs.GetValueOrDefault(at)) { Outputs = [.. outputs[at]] })];
    }

    /// <returns>Where the last letter of what was taken stands.</returns>
    private int Take(int at)
    {
        var letter = _script[at];
        if (_quote == '\'' && letter != _quote)
            return Append(letter, at);
        if (letter == _quote && _quote != '\0')
        {
            _quote = '\0';
            return at;
        }
        if (letter == '\\' && at + 1 < _script.Length)
        {
            _inWord |= Escaped(_script[at + 1]);
            return at + 1;
        }
        if (ShellArithmetic.At(_script, at, _variables) is var (number, last))
        {
            _word.Append(number);
            _inWord = true;
            return last;
        }
        if (Substitution(_script, at) is var end and > 0)
        {
            _inWord = _word.Append(_script, at, end - at).Length > 0;
            return end - 1;
        }
        if (letter == '$')
            return Variable(at);
        if (_quote != '\0')
            return Append(letter, at);
        return Unquoted(letter, at);
    }

    private int Unquoted(char letter, int at)
    {
        if (letter is '\'' or '"')
            (_quote, _inWord) = (letter, true);
        else if (letter == '#' && !_inWord)
            return EndOfLine(at) - 1;
        else if (letter == '(' && _array is null && _word.Length > 1 && _word[^1] == '=' && IsAssignment(_word.ToString().Replace("+=", "=", StringComparison.Ordinal)))
        {
            _array = (_word.ToString(), []);
            _word.Clear();
            _inWord = false;
        }
        else if (letter == ')' && _array is { } array)
        {
            EndWord();
            _variables.AssignArray(array.Assigned, array.Words);
            _array = null;
        }
        else if (letter == '<' && Document(at) is var last and > 0)
            return last;
        else if ((letter is '<' or '>' || (letter == '&' && at + 1 < _script.Length && _script[at + 1] == '>')) && Redirection(letter == '&' ? at + 1 : at) is var operatorEnd and > 0)
            return operatorEnd;
        else if (letter == '\n' && _documents.Count > 0)
            return EndCommand(ReadDocuments(at));
        else if (letter == '|')
            return EndOfPipe(at);
        else if (letter is '\n' or ';' or '&' or '(' or ')')
            return EndCommand(at);
        else if (char.IsWhiteSpace(letter))
            EndWord();
        else
            return Append(letter, at);
        return at;
    }

    private int Append(char letter, int at)
    {
        _word.Append(letter);
        _inWord = true;
        return at;
    }

    /// <summary>A backslash before a line end joins the lines; between double quotes it is a letter like any other, except before four.</summary>
    /// <returns>That a word has begun.</returns>
    private bool Escaped(char letter)
    {
        if (letter == '\n')
            return false;
        if (_quote == '"' && letter is not ('"' or '\\' or '$' or '`'))
            _word.Append('\\');
        _word.Append(letter);
        return true;
    }

    /// <returns>Where a command whose output would be put in ends; 0 where none begins. What it prints is not known, so it stays as it is written.</returns>
    public static int Substitution(string script, int at)
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

    /// <summary>What stands for a variable: outside of quotes it is split at blanks, except in an assignment.</summary>
    /// <returns>Where its last letter stands.</returns>
    private int Variable(int at)
    {
        var (fields, last) = _variables.Expand(_script, at, isSplit: _quote == '\0' && !IsAssigning());
        for (var field = 0; field < fields.Count; field++)
        {
            if (field > 0)
                EndWord();
            _word.Append(fields[field]);
            _inWord |= _quote != '\0' || fields[field].Length > 0;
        }
        if (fields.Count == 0 && _word.Length == 0)
            _inWord = false;
        return last;
    }

    /// <summary>The word that has begun is an assignment, alone or behind others, or exported.</summary>
    private bool IsAssigning() => _array is null && _commands[^1].Count <= MostAssignments && IsAssignment(_word.ToString(0, Math.Min(_word.Length, LongestName)))
        && _commands[^1].TrueForAll(word => word is "export" or "readonly" or "local" or "declare" || IsAssignment(word));

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

    private int EndOfLine(int at) => _script.IndexOf('\n', at) is >= 0 and var end ? end : _script.Length;

    /// <summary>&lt;&lt;WORD and &lt;&lt;-'WORD', which end a word; behind one a digit is shifted by, as in ((n&lt;&lt;2)).</summary>
    /// <returns>Where the word ends; 0 where no here-document begins.</returns>
    private int Document(int at)
    {
        if (HereDocument.Begin(_script, at, _commands.Count - 1) is not var (document, last) || (_inWord && char.IsAsciiDigit(document.End[0])))
            return 0;
        EndWord();
        _documents.Add(document);
        return last;
    }

    /// <summary>A number right before the operator belongs to it; whatever else stands there is a word that it ends.</summary>
    /// <returns>Where the operator ends; 0 where none begins.</returns>
    private int Redirection(int at)
    {
        var word = _word.ToString();
        var descriptor = _inWord && word.Length > 0 && word.All(char.IsAsciiDigit) ? word : "";
        if (_array is not null || ShellRedirection.At(_script, at, descriptor) is not { } redirection)
            return 0;
        if (descriptor.Length > 0)
            _word.Clear();
        _inWord &= descriptor.Length == 0;
        EndWord();
        _redirection = redirection;
        return redirection.Last;
    }

    /// <returns>Where the line end before what follows stands.</returns>
    private int ReadDocuments(int at)
    {
        foreach (var document in _documents)
        {
            (var text, at) = document.Read(_script, at, _variables);
            _inputs[document.Command] = text;

            // bash's read takes all up to a letter that does not come, as in read -r -d '' NAME <<EOF.
            if (_commands[document.Command] is ["read", .., "-d" or "-rd", "", var name])
                _variables.Assign([$"{name}={text.Trim()}"]);
        }
        _documents.Clear();
        return at;
    }

    /// <summary>cat alone hands on what it is given to the command behind the pipe.</summary>
    private int EndOfPipe(int at)
    {
        EndWord();
        var isPipe = at + 1 < _script.Length && _script[at + 1] != '|' && at > 0 && _script[at - 1] != '|';
        if (isPipe && _array is null && _commands[^1] is ["cat"] && _documents is [.., var document] && document.Command == _commands.Count - 1)
            _documents[^1] = document with { Command = _commands.Count };
        return EndCommand(at);
    }

    private void EndWord()
    {
        if (_inWord && _redirection is { } redirection)
        {
            if (redirection.IsOutput)
                _outputs.Add((_commands.Count - 1, _word.ToString(), redirection.IsAppended));
            _redirection = null;
        }
        else if (_inWord)
            (_array?.Words ?? _commands[^1]).Add(_word.ToString());
        _word.Clear();
        _inWord = false;
    }

    /// <summary>Between the parentheses of an array a line end is a blank.</summary>
    private int EndCommand(int at)
    {
        EndWord();
        if (_array is null)
            _redirection = null;
        if (_array is not null || _commands[^1].Count == 0)
            return at;
        _variables.Assign(_commands[^1]);
        _commands.Add([]);
        return at;
    }
}
