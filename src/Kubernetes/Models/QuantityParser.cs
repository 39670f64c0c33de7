using System.Numerics;

namespace GpuMem.Kubernetes.Models;

/// <summary>Reads quantities in time proportional to their length, whatever their exponent says (kubernetes#131063 hung on it).</summary>
internal static class QuantityParser
{
    private const int MaxLength = 128;
    private const int MaxExponent = 1000;
    private const decimal Max = long.MaxValue;
    private const decimal Nano = 1e-9m;
    private static readonly BigInteger MaxNanos = long.MaxValue * (BigInteger)1_000_000_000;

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
        if (amount >= Max)
            return Max;
        if (amount <= -Max)
            return -Max;
        decimal whole = decimal.Truncate(amount);
        decimal fraction = (amount - whole) / Nano;
        decimal rounded = fraction < 0 ? decimal.Floor(fraction) : decimal.Ceiling(fraction);
        return whole + (rounded * Nano);
    }

    private static bool TryParse(string text, out Quantity value)
    {
        value = default;
        int at = text[0] is '+' or '-' ? 1 : 0;
        bool negative = text[0] == '-';
        Digits digits = Digits.Read(text, ref at);
        if (digits.Count == 0)
            return false;

        string suffix = text[at..];
        if (BinarySuffixes.TryGetValue(suffix, out int power))
        {
            value = new Quantity(Signed(digits.ShiftedLeft(power), negative), QuantityNotation.BinarySI);
            return true;
        }

        QuantityNotation notation = QuantityNotation.DecimalSI;
        if (!DecimalSuffixes.TryGetValue(suffix, out int exponent))
        {
            notation = QuantityNotation.DecimalExponent;
            if (!TryReadExponent(suffix, out exponent))
                return false;
        }

        value = new Quantity(Signed(digits.Scaled(exponent), negative), notation);
        return true;
    }

    private static decimal Signed(decimal amount, bool negative) => negative ? -amount : amount;

    private static bool TryReadExponent(string suffix, out int exponent)
    {
        exponent = 0;
        // .NET takes zero characters after a number for padding.
        return suffix is ['e' or 'E', .., >= '0' and <= '9']
            && int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent)
            && exponent is >= -MaxExponent and <= MaxExponent;
    }

    /// <summary>Decimal digits without leading zeros, and how many of them stand after the point.</summary>
    private readonly record struct Digits(string Significant, int Fraction, int Count)
    {
        internal static Digits Read(string text, ref int at)
        {
            int start = at;
            int point = -1;
            while (at < text.Length && (char.IsAsciiDigit(text[at]) || (text[at] == '.' && point < 0)))
            {
                if (text[at] == '.')
                    point = at;
                at++;
            }

            string all = text[start..at].Replace(".", "", StringComparison.Ordinal);
            return new Digits(all.TrimStart('0'), point < 0 ? 0 : at - point - 1, all.Length);
        }

        /// <summary>The value times 2^power, within the bounds.</summary>
        internal decimal ShiftedLeft(int power)
        {
            if (Fraction > 9 && Significant.Length > 0)
                return ShiftedLeftExactly(power);
            decimal amount = Scaled(0);
            decimal factor = 1L << power;
            return amount > Max / factor ? Max : amount * factor;
        }

        // Places beyond the ninth count once they are multiplied, so nothing may be rounded before. The length limit keeps this short.
        private decimal ShiftedLeftExactly(int power)
        {
            BigInteger perNano = BigInteger.Pow(10, Fraction - 9);
            BigInteger scaled = BigInteger.Parse(Significant, NumberStyles.None, CultureInfo.InvariantCulture) << power;
            BigInteger nanos = (scaled + perNano - 1) / perNano;
            return nanos >= MaxNanos ? Max : (decimal)nanos * Nano;
        }

        /// <summary>The value times 10^exponent, within the bounds; the digits that do not count never become numbers.</summary>
        internal decimal Scaled(int exponent)
        {
            if (Significant.Length == 0)
                return 0;
            int whole = Significant.Length - Fraction + exponent;
            if (whole > 19)
                return Max;
            if (whole < -9)
                return Nano;
            string padded = Significant.PadLeft(Significant.Length + Math.Max(0, -whole), '0');
            padded = padded.PadRight(Math.Max(whole, 0), '0');
            int kept = Math.Max(whole, 0) + 9;
            bool lost = padded.Length > kept && padded.AsSpan(kept).ContainsAnyExcept('0');
            string digits = padded[..Math.Min(kept, padded.Length)].PadRight(kept, '0');
            decimal amount = decimal.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture) * Nano;
            return lost ? amount + Nano : amount;
        }
    }
}
