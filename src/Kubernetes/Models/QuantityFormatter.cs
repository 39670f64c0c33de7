namespace GpuMem.Kubernetes.Models;

/// <summary>Writes amounts with the largest suffix that leaves no fraction.</summary>
internal static class QuantityFormatter
{
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    private static readonly string[] Thousands = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];

    internal static string Format(decimal amount, ResourceQuantity.SuffixFormat notation)
    {
        if (amount == 0)
            return "0";
        // Small binary amounts and fractions are written in decimal notation, as upstream does, so that nothing is lost.
        if (notation == ResourceQuantity.SuffixFormat.BinarySI && Math.Abs(amount) >= 1024 && decimal.IsInteger(amount))
            return FormatBinary(amount);
        return FormatDecimal(amount, notation);
    }

    private static string FormatBinary(decimal amount)
    {
        decimal mantissa = amount;
        int step = 0;
        while (step < Binary.Length - 1 && mantissa % 1024 == 0)
        {
            mantissa /= 1024;
            step++;
        }

        return Whole(mantissa) + Binary[step];
    }

    private static string FormatDecimal(decimal amount, ResourceQuantity.SuffixFormat notation)
    {
        decimal mantissa = amount * 1_000_000_000m;
        int step = 0;
        while (step < Thousands.Length - 1 && mantissa % 1000 == 0)
        {
            mantissa /= 1000;
            step++;
        }

        int exponent = (step * 3) - 9;
        return Whole(mantissa) + (notation, exponent) switch
        {
            (_, 0) => "",
            (ResourceQuantity.SuffixFormat.DecimalExponent, _) => "e" + exponent.ToString(CultureInfo.InvariantCulture),
            _ => Thousands[step],
        };
    }

    private static string Whole(decimal value) => decimal.Truncate(value).ToString("0", CultureInfo.InvariantCulture);
}
