namespace GpuMem.Bench.Quantities;

/// <summary>What is read.</summary>
internal static class Texts
{
    /// <summary>As nodes and pods write them.</summary>
    internal static readonly string[] Usual = ["8", "100m", "64", "2113552228Ki", "1.5Gi", "80Gi", "500m", "110", "1e3", "0.5", "3840Gi", "93850192Ki"];

    /// <summary>The exponent that hung upstream's parser (kubernetes#131063).</summary>
    internal const string HugeExponent = "1e2147483647";

    /// <summary>As somebody writes them who wants to keep us busy; all that the length limit lets through or just stops.</summary>
    internal static readonly string[] Hostile =
    [
        HugeExponent,
        "1e-2147483648",
        "1e4294967296",
        "1e1000",
        "1e-1000",
        new('9', 128),
        new('9', 129),
        new('9', 1_000_000),
        "0." + new string('9', 126),
        "0." + new string('0', 123) + "1Ki",
        "0." + new string('9', 124) + "Ei",
        new string('9', 60) + "." + new string('9', 60) + "Ei",
        new string('9', 63) + "." + new string('9', 60) + "n",
        new string('0', 127) + "1",
        "1e" + new string('0', 120) + "3",
        "1e" + new string('9', 120),
        new('-', 128),
        new('.', 128),
        "1" + new string('E', 127),
        "1" + new string('٣', 127),
    ];
}
