using System.Text;

namespace GpuMem.Kubernetes.Tests.Models;

/// <summary>Quantities of every shape, and what comes of them when a character is lost, added or changed; the same for the same seed.</summary>
internal sealed class QuantityStrings(int seed)
{
    private const string Alphabet = "0123456789.+-eEinumkKMGTP _,\0\n٣µ";

    private static readonly string[] Suffixes = ["", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    private static readonly string[] Edges =
    [
        "9223372036854775807", "9223372036854775808", "9223372036854775806.999999999", "7.999999999", "8", "8191.999999999", "0.000000001",
        "0.0000000001", "0.00000000000000000001", "0", "00", "1024", "1023", "999", "1000", "18446744073709551616", "9007199254740992", "0.9999999999999999999",
    ];

#pragma warning disable CA5394 // Reproducible, not secret.
    private readonly Random _random = new(seed);

    internal string Next()
    {
        string text = Sign() + Digits() + Suffix();
        for (int changes = _random.Next(4) == 0 ? _random.Next(1, 3) : 0; changes > 0; changes--)
            text = Changed(text);
        return text;
    }

    private string Sign() => _random.Next(6) switch { 0 => "-", 1 => "+", _ => "" };

    private string Digits() => _random.Next(8) switch
    {
        0 => Edges[_random.Next(Edges.Length)],
        1 => "." + Run(20),
        2 => Run(24) + ".",
        3 => Run(4) + "." + Run(4),
        4 => Run(24) + "." + Run(24),
        5 => _random.Next(20) == 0 ? Run(140) : new string('0', _random.Next(12)) + Run(12),
        _ => Run(12),
    };

    private string Run(int longest)
    {
        StringBuilder digits = new();
        for (int left = _random.Next(1, longest + 1); left > 0; left--)
            digits.Append((char)('0' + (_random.Next(3) == 0 ? 0 : _random.Next(10))));
        return digits.ToString();
    }

    private string Suffix() => _random.Next(3) switch
    {
        0 => $"{(_random.Next(2) == 0 ? 'e' : 'E')}{Sign()}{Exponent()}",
        _ => Suffixes[_random.Next(Suffixes.Length)],
    };

    private string Exponent() => _random.Next(10) switch
    {
        0 => "2147483647",
        1 => "4294967297",
        2 => _random.Next(990, 1010).ToString(System.Globalization.CultureInfo.InvariantCulture),
        3 => "0" + _random.Next(30).ToString(System.Globalization.CultureInfo.InvariantCulture),
        4 => Run(20),
        _ => _random.Next(30).ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private string Changed(string text)
    {
        int at = _random.Next(text.Length + 1);
        char other = Alphabet[_random.Next(Alphabet.Length)];
        return _random.Next(3) switch
        {
            0 => text.Insert(at, other.ToString()),
            1 when at < text.Length => text.Remove(at, 1),
            _ when at < text.Length => text[..at] + other + text[(at + 1)..],
            _ => text + other,
        };
    }
#pragma warning restore CA5394
}
