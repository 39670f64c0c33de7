using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace GpuMem.Kubernetes.Tests.Models;

/// <summary>
/// What a quantity is worth, computed the plain way: the whole fraction in integers of any size, rounded and capped only at the end.
/// Shares nothing with the parser under test.
/// </summary>
internal static partial class ExactQuantity
{
    private static readonly BigInteger Billion = 1_000_000_000;
    private static readonly BigInteger Most = long.MaxValue * Billion;

    /// <summary>In billionths; null for what is no quantity.</summary>
    internal static BigInteger? Nanos(string text)
    {
        Match parts = Grammar().Match(text);
        if (text.Length > 128 || !parts.Success)
            return null;
        string fraction = parts.Groups["fraction"].Value;
        BigInteger over = BigInteger.Parse("0" + parts.Groups["whole"].Value + fraction, CultureInfo.InvariantCulture) * Billion;
        BigInteger under = BigInteger.Pow(10, fraction.Length);
        if (Scale(parts) is not (BigInteger up, BigInteger down))
            return null;
        BigInteger nanos = BigInteger.Min(Most, ((over * up) + (under * down) - 1) / (under * down));
        return parts.Groups["sign"].Value == "-" ? -nanos : nanos;
    }

    private static (BigInteger Up, BigInteger Down)? Scale(Match parts)
    {
        if (parts.Groups["binary"] is { Success: true, Value: var binary })
            return (BigInteger.Pow(1024, "KMGTPE".IndexOf(binary[0], StringComparison.Ordinal) + 1), 1);
        BigInteger power = parts.Groups["exponent"] is { Success: true, Value: var exponent }
            ? BigInteger.Parse(exponent, CultureInfo.InvariantCulture)
            : ("num_kMGTPE".IndexOf(parts.Groups["decimal"] is { Success: true, Value: var suffix } ? suffix : "_", StringComparison.Ordinal) - 3) * 3;
        if (BigInteger.Abs(power) > 1000)
            return null;
        return power >= 0 ? (BigInteger.Pow(10, (int)power), 1) : (1, BigInteger.Pow(10, (int)-power));
    }

    [GeneratedRegex(
        @"\A(?<sign>[+-]?)(?=\.?[0-9])(?<whole>[0-9]*)(\.(?<fraction>[0-9]*))?((?<binary>[KMGTPE])i|[eE](?<exponent>[+-]?[0-9]+)|(?<decimal>[numkMGTPE]))?\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Grammar();
}
