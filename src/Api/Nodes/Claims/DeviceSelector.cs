using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuMem.Api.Nodes.Claims;

/// <summary>
/// A CEL expression by which a claim or a DeviceClass selects devices, as far as it can be told from what is known of them: <c>device.driver</c>,
/// attributes, capacities, comparisons, and the functions of strings, quantities and versions that Kubernetes documents (DRA, "CEL expressions";
/// k8s.io/apiserver/pkg/cel/library). Whatever else stands in it makes what depends on it unknown, and an unknown never excludes a device.
/// </summary>
internal sealed class DeviceSelector
{
    private const int MostText = 10 * 1024;

    /// <summary>Deeper than anybody writes by hand.</summary>
    private const int MostDepth = 64;

    private static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(20);

    private static readonly object Unknown = new();

    private readonly string _text;

    private readonly DeviceFacts _device;

    private int _at;

    private int _depth;

    private DeviceSelector(string text, DeviceFacts device) => (_text, _device) = (text, device);

    /// <summary>Whether it selects such a device; null when that cannot be told.</summary>
    public static bool? Selects(string? expression, DeviceFacts device)
    {
        if (expression is null || expression.Length > MostText)
            return null;
        try
        {
            var selector = new DeviceSelector(expression, device);
            var value = selector.Or();
            selector.Blanks();
            return selector._at == expression.Length ? value as bool? : null;
        }
        catch (NotReadException)
        {
            return null;
        }
    }

    private object Or()
    {
        if (++_depth > MostDepth)
            throw new NotReadException();
        var value = And();
        while (Takes("||"))
        {
            var other = And();
            value = value is true || other is true ? true : value is false && other is false ? false : Unknown;
        }
        _depth--;
        return value;
    }

    private object And()
    {
        var value = Relation();
        while (Takes("&&"))
        {
            var other = Relation();
            value = value is false || other is false ? false : value is true && other is true ? true : Unknown;
        }
        return value;
    }

    private object Relation()
    {
        var value = Unary();
        foreach (var sign in (string[])["==", "!=", "<=", ">=", "<", ">"])
            if (Takes(sign))
                return Compared(value, sign, Unary());
        return TakesWord("in") ? In(value, Unary()) : value;
    }

    private static object Compared(object left, string sign, object right)
    {
        if (left == Unknown || right == Unknown || left.GetType() != right.GetType() || left is object[])
            return Unknown;
        if (sign is "==" or "!=")
            return left.Equals(right) == (sign == "==");
        if (Order(left, right) is not { } order)
            return Unknown;
        return sign switch { "<=" => order <= 0, ">=" => order >= 0, "<" => order < 0, _ => order > 0 };
    }

    /// <summary>Text is ordered byte by byte, and not as people of some country order words.</summary>
    private static int? Order(object left, object right) => (left, right) switch
    {
        (string one, string other) => string.CompareOrdinal(one, other),
        (decimal one, decimal other) => one.CompareTo(other),
        (Version one, Version other) => one.CompareTo(other),
        _ => null,
    };

    private static object In(object value, object list) =>
        value == Unknown || list is not object[] items ? Unknown
        : items.Contains(value) ? true
        : items.Contains(Unknown) ? Unknown
        : false;

    private object Unary()
    {
        if (Takes("!"))
            return Unary() switch { true => false, false => true, _ => Unknown };
        return Takes("-") ? Unary() is decimal number ? -number : Unknown : Member(Primary());
    }

    /// <summary>What is asked of a value: its members and functions.</summary>
    private object Member(object value)
    {
        while (true)
        {
            if (Takes("."))
            {
                var name = Word();
                value = Takes("(") ? Called(value, name, List(")")) : Part(value, name);
            }
            else if (Takes("["))
            {
                var key = List("]");
                value = key is [string name] ? Part(value, name) : Unknown;
            }
            else
            {
                return value;
            }
        }
    }

    private object Part(object value, string name) => value switch
    {
        Named { Name: "device" } when name == "driver" => _device.Driver,
        Named { Name: "device" } when name == "allowMultipleAllocations" => _device.IsShared,
        Named { Name: "device" } when name is "attributes" or "capacity" => new Named(name, null),
        Named { Name: "attributes" or "capacity", Domain: null } map => map with { Domain = name },
        Named { Domain: { } domain } map => _device.Find(domain, name, map.Name == "capacity") ?? Unknown,
        _ => Unknown,
    };

    private static object Called(object value, string function, object[] with) => (value, function, with) switch
    {
        (string text, "startsWith", [string part]) => text.StartsWith(part, StringComparison.Ordinal),
        (string text, "endsWith", [string part]) => text.EndsWith(part, StringComparison.Ordinal),
        (string text, "contains", [string part]) => text.Contains(part, StringComparison.Ordinal),
        (string text, "matches", [string pattern]) => Matches(text, pattern),
        (string text, "lowerAscii", []) => text.ToLowerInvariant(),
        (string text, "upperAscii", []) => text.ToUpperInvariant(),
        (decimal or Version, "compareTo", [var other]) when Order(value, other) is { } order => (decimal)Math.Sign(order),
        (decimal or Version, "isGreaterThan", [var other]) when Order(value, other) is { } order => order > 0,
        (decimal or Version, "isLessThan", [var other]) when Order(value, other) is { } order => order < 0,
        _ => Unknown,
    };

    private static object Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.CultureInvariant, LongestMatch);
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            return Unknown;
        }
    }

    private object Primary()
    {
        Blanks();
        if (Takes("("))
        {
            var value = Or();
            Expect(")");
            return value;
        }
        if (Takes("["))
            return List("]");
        if (_at < _text.Length && _text[_at] is '"' or '\'')
            return Text(isRaw: false);
        if (_at < _text.Length && char.IsAsciiDigit(_text[_at]))
            return Number();
        var word = Word();
        if (word is "r" or "R" && _at < _text.Length && _text[_at] is '"' or '\'')
            return Text(isRaw: true);
        if (Takes("("))
            return Made(word, List(")"));
        return word switch { "true" => true, "false" => false, "device" => new Named(word, null), _ => Unknown };
    }

    private static object Made(string function, object[] from) => (function, from) switch
    {
        ("quantity", [string text]) when Quantity.TryParse(text, out var amount) => (decimal)amount.ToInt64(),
        ("semver", [string text]) when Version.TryParse(text, out var version) => version,
        _ => Unknown,
    };

    private object[] List(string end)
    {
        var items = new List<object>();
        while (!Takes(end))
        {
            items.Add(Or());
            if (!Takes(","))
            {
                Expect(end);
                break;
            }
        }
        return [.. items];
    }

    private object Number()
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '.'))
            _at++;
        return decimal.TryParse(_text.AsSpan(start, _at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : Unknown;
    }

    private string Text(bool isRaw)
    {
        var quote = _text[_at++];
        var read = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            // Of the escapes only those are read that stand for the very character: a dot of a pattern, a quote.
            if (_text[_at] == '\\' && !isRaw && (++_at == _text.Length || char.IsAsciiLetterOrDigit(_text[_at])))
                throw new NotReadException();
            read.Append(_text[_at++]);
        }
        Expect(quote.ToString());
        return read.ToString();
    }

    private string Word()
    {
        Blanks();
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
            _at++;
        return _at > start ? _text[start.._at] : throw new NotReadException();
    }

    private bool TakesWord(string word)
    {
        Blanks();
        var end = _at + word.Length;
        return (end >= _text.Length || !char.IsAsciiLetterOrDigit(_text[end])) && Takes(word);
    }

    private bool Takes(string sign)
    {
        Blanks();
        if (string.CompareOrdinal(_text, _at, sign, 0, sign.Length) != 0)
            return false;
        _at += sign.Length;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Takes(sign))
            throw new NotReadException();
    }

    private void Blanks()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
            _at++;
    }

    /// <summary>The device, one of its maps, or what a map has of one domain.</summary>
    private sealed record Named(string Name, string? Domain);

    /// <summary>It is no expression of the kinds that are read.</summary>
    private sealed class NotReadException : Exception;
}
