using System.Numerics;

namespace GpuMem.Kubernetes.Models;

/// <summary>Reads quantities in bounded time, whatever their length and exponent say (kubernetes#131063 hung on an exponent).</summary>
internal static class QuantityParser
{
    private const int MaxLength = 128;
    private const int MaxExponent = 1000;
    private const int Places = 9;
    private const decimal Max = long.MaxValue;
    private const decimal Nano = 1e-9m;
    private static readonly UInt128 MaxNanos = (UInt128)long.MaxValue * 1_000_000_000;

    // So many digits are a number of 64 bits, which a binary suffix moves to the left by at most 60.
    private const int ShortLength = 19;
    private static readonly UInt128[] TenTo = [.. Enumerable.Range(0, 38).Select(power => (UInt128)BigInteger.Pow(10, power))];

    private static readonly Dictionary<string, int> DecimalSuffixes = new(StringComparer.Ordinal)
    {
        ["n"] = -9, ["u"] = -6, ["m"] = -3, [""] = 0, ["k"] = 3, ["M"] = 6, ["G"] = 9, ["T"] = 12, ["P"] = 15, ["E"] = 18,
    };

    private static readonly Dictionary<string, int> BinarySuffixes = new(StringComparer.Ordinal)
    {
        ["Ki"] = 10, ["Mi"] = 20, ["Gi"] = 30, ["Ti"] = 40, ["Pi"] = 50, ["Ei"] = 60,
    };

    internal static bool TryParse(
        [NotNullWhen(true)] string? text, out Quantity value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        error = null;
        if (text is { Length: > 0 and <= MaxLength } && TryParse(text, out value))
            return true;
        string shown = text is { Length: > 32 } ? $"{text[..32]}…" : text ?? "";
        error = $"'{shown}' is not a quantity: expected a number such as 2, 0.5 or 1e3, "
            + "optionally followed by one of n, u, m, k, M, G, T, P, E, Ki, Mi, Gi, Ti, Pi, Ei.";
        return false;
    }

    /// <summary>The limits that upstream documents: 2^63-1 in magnitude, and no finer than a billionth, rounded away from zero.</summary>
    internal static decimal Bound(decimal amount)
    {
        if (decimal.Abs(amount) >= Max)
            return amount < 0 ? -Max : Max;
        decimal whole = decimal.Truncate(amount);
        if (whole == amount)
            return whole;
        decimal fraction = (amount - whole) / Nano;
        decimal rounded = fraction < 0 ? decimal.Floor(fraction) : decimal.Ceiling(fraction);
        return whole + (rounded * Nano);
    }

    private static bool TryParse(string text, out Quantity value)
    {
        value = default;
        int start = text[0] is '+' or '-' ? 1 : 0;
        int end = start;
        int point = -1;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || (text[end] == '.' && point < 0)))
        {
            if (text[end] == '.')
                point = end;
            end++;
        }

        string digits = text[start..end].Replace(".", "", StringComparison.Ordinal);
        if (digits.Length == 0 || !TryReadSuffix(text[end..], out ResourceQuantity.SuffixFormat notation, out int power, out int exponent))
            return false;
        decimal amount = Amount(digits, power, exponent - (point < 0 ? 0 : end - point - 1));
        value = new Quantity(text[0] == '-' ? -amount : amount, notation);
        return true;
    }

    private static bool TryReadSuffix(string suffix, out ResourceQuantity.SuffixFormat notation, out int power, out int exponent)
    {
        exponent = 0;
        notation = ResourceQuantity.SuffixFormat.BinarySI;
        if (BinarySuffixes.TryGetValue(suffix, out power))
            return true;
        notation = ResourceQuantity.SuffixFormat.DecimalSI;
        if (DecimalSuffixes.TryGetValue(suffix, out exponent))
            return true;
        notation = ResourceQuantity.SuffixFormat.DecimalExponent;
        // .NET takes zero characters after a number for padding.
        return suffix is ['e' or 'E', .., >= '0' and <= '9']
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            && exponent is >= -MaxExponent and <= MaxExponent;
    }

    /// <summary>The number times 2^power times 10^exponent, within the bounds. Nothing is rounded before it is multiplied.</summary>
    private static decimal Amount(string digits, int power, int exponent)
    {
        int shift = exponent + Places;
        // What people write, in arithmetic that allocates nothing.
        if (digits.Length <= ShortLength && Math.Abs(shift) < TenTo.Length)
        {
            UInt128 number = ulong.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
            return Amount(number << power, TenTo[Math.Abs(shift)], shift, MaxNanos);
        }

        BigInteger large = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return Amount(large << power, BigInteger.Pow(10, Math.Abs(shift)), shift, MaxNanos);
    }

    private static decimal Amount<T>(T number, T scale, int shift, T max)
        where T : IBinaryInteger<T>
    {
        if (shift >= 0 && number > max / scale)
            return Max;
        T nanos = shift >= 0 ? number * scale : (number + scale - T.One) / scale;
        return nanos >= max ? Max : decimal.CreateChecked(nanos) * Nano;
    }
}
