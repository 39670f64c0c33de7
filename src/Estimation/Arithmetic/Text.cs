namespace GpuMem.Estimation.Arithmetic;

/// <summary>Numbers as people read them in formulas, the same in every locale.</summary>
internal static class Text
{
    public static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string N(Ratio ratio) => ((decimal)ratio.Numerator / ratio.Denominator).ToString("0.######", CultureInfo.InvariantCulture);

    public static string GiB(long bytes) => ((decimal)bytes / Bytes.PerGiB).ToString("0.0##", CultureInfo.InvariantCulture) + " GiB";
}
