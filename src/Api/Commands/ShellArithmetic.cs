using System.Globalization;
using System.Text;

namespace GpuMem.Api.Commands;

/// <summary>
/// What stands for <c>$((expression))</c> of a shell script, and for <c>$(expr expression)</c>: sums, products and parentheses of whole numbers and variables that
/// hold such (XCU 2.6.4 and expr).
/// </summary>
internal sealed class ShellArithmetic
{
    private const string Begin = "$((", OfExpr = "$(expr ";

    /// <summary>Parentheses within each other.</summary>
    private const int MostDepth = 32;

    private readonly string _text;
    private readonly ShellVariables _variables;
    private int _at;
    private int _depth;

    private ShellArithmetic(string text, ShellVariables variables) => (_text, _variables) = (text, variables);

    /// <param name="script">The script.</param>
    /// <param name="at">Where the dollar stands.</param>
    /// <param name="variables">What stands for variables.</param>
    /// <returns>The number, and where the last letter stands; null where no expression begins, or where its value is not known.</returns>
    public static (string Number, int Last)? At(string script, int at, ShellVariables variables)
    {
        var isExpr = string.CompareOrdinal(script, at, OfExpr, 0, OfExpr.Length) == 0;
        if (!isExpr && string.CompareOrdinal(script, at, Begin, 0, Begin.Length) != 0)
            return null;
        var (begin, close) = isExpr ? (OfExpr, ")") : (Begin, "))");
        var end = ShellWords.Substitution(script, at);
        if (end - at < begin.Length + close.Length || !script.AsSpan(0, end).EndsWith(close))
            return null;

        // To expr a star is handed behind a backslash or in quotes.
        var written = script[(at + begin.Length)..(end - close.Length)];
        var text = Expanded(isExpr ? written.Replace("\\*", "*", StringComparison.Ordinal).Replace("'*'", "*", StringComparison.Ordinal) : written, variables);
        return new ShellArithmetic(text, variables).Whole() is { } value ? (value.ToString(CultureInfo.InvariantCulture), end - 1) : null;
    }

    /// <summary>Variables are put in before the expression is read.</summary>
    private static string Expanded(string text, ShellVariables variables)
    {
        var expanded = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '$')
                at = variables.Expand(text, at, expanded);
            else
                expanded.Append(text[at]);
        }
        return expanded.ToString();
    }

    private long? Whole()
    {
        try
        {
            return Sum() is { } value && Next() == '\0' ? value : null;
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    private long? Sum()
    {
        var sum = Product();
        while (sum is not null && Next() is '+' or '-')
            sum = _text[_at++] == '+' ? checked(sum + Product()) : checked(sum - Product());
        return sum;
    }

    private long? Product()
    {
        var product = Factor();
        while (product is not null && Next() is '*' or '/' or '%')
        {
            var sign = _text[_at++];
            var factor = Factor();
            if (sign != '*' && factor == 0)
                return null;
            product = checked(sign switch { '*' => product * factor, '/' => product / factor, _ => product % factor });
        }
        return product;
    }

    private long? Factor()
    {
        var letter = Next();
        if (letter == '-' || letter == '(')
        {
            if (++_depth > MostDepth)
                return null;
            _at++;
            var inner = letter == '-' ? checked(-Factor()) : Sum();
            if (letter == '(' && Next() != ')')
                return null;
            _at += letter == '(' ? 1 : 0;
            _depth--;
            return inner;
        }
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        var word = _text[start.._at];

        // What begins with 0 is octal or hexadecimal, which no number of processes is written as.
        if (word.Length > 0 && !char.IsAsciiDigit(word[0]))
            word = _variables.Value(word) ?? "";
        return word is "0" or [not '0', ..] && long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <returns>The next letter behind blanks; a null character at the end.</returns>
    private char Next()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }
}
