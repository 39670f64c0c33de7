using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GpuMem.Kubernetes.Yaml;

/// <summary>What a bare word means. As with kubectl that is YAML 1.1: <c>yes</c> is a boolean and <c>0644</c> is octal.</summary>
internal static class YamlScalar
{
    private static readonly SearchValues<char> OfNumbers = SearchValues.Create("0123456789+-.eE");

    internal static JsonNode? ToJson(Scalar scalar)
    {
        string text = scalar.Value;
        if (scalar.Style != ScalarStyle.Plain || scalar.Tag == "tag:yaml.org,2002:str" || scalar.Tag == "!")
            return JsonValue.Create(text);
        return text switch
        {
            "" or "~" or "null" or "Null" or "NULL" => null,
            "true" or "True" or "TRUE" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" => JsonValue.Create(true),
            "false" or "False" or "FALSE" or "no" or "No" or "NO" or "off" or "Off" or "OFF" => JsonValue.Create(false),
            _ => Number(text) ?? JsonValue.Create(text),
        };
    }

    private static JsonValue? Number(string text)
    {
        if (Integer(text) is { } integer)
            return JsonValue.Create(integer);
        bool looksLikeNumber = text.AsSpan().IndexOfAnyExcept(OfNumbers) < 0 && text.AsSpan().IndexOfAnyInRange('0', '9') >= 0;
        if (!looksLikeNumber || !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || !double.IsFinite(number))
            return null;
        return JsonValue.Create(number);
    }

    private static long? Integer(string text)
    {
        ReadOnlySpan<char> digits = text[0] is '+' or '-' ? text.AsSpan(1) : text;
        int radix = digits switch
        {
            ['0', 'x' or 'X', ..] => 16,
            ['0', 'o' or 'O', ..] => 8,
            ['0', 'b' or 'B', ..] => 2,
            ['0', _, ..] => 8,
            _ => 10,
        };
        if (radix != 10)
            digits = digits[(char.IsAsciiLetter(digits[1]) ? 2 : 1)..];
        return Value(digits, radix) is { } magnitude ? (text[0] == '-' ? -magnitude : magnitude) : null;
    }

    private static long? Value(ReadOnlySpan<char> digits, int radix)
    {
        if (digits.IsEmpty)
            return null;
        long value = 0;
        foreach (char digit in digits)
        {
            int worth = char.IsAsciiHexDigit(digit) ? Convert.ToInt32(digit.ToString(), 16) : radix;
            if (worth >= radix || value > (long.MaxValue - worth) / radix)
                return null;
            value = (value * radix) + worth;
        }

        return value;
    }
}
