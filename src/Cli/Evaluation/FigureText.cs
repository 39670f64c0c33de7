using System.Globalization;
using GpuMem.Evaluation;

namespace GpuMem.Cli.Evaluation;

/// <summary>Figures of an evaluation as text, the same on a terminal and on a page.</summary>
internal static class FigureText
{
    public static string Count(int value) => value.ToString(CultureInfo.InvariantCulture);

    public static string GiB(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Factor(double value) => value.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Percent(double share) => (100 * share).ToString("0.0", CultureInfo.InvariantCulture) + " %";

    public static string Signed(double share) => (100 * share).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Median, ninetieth percentile, share below the upper bound, and upper bound over expected.</summary>
    public static string[] Bounded(CaseGroup group) => group.Errors is { } errors
        ? [Percent(errors.Median), Percent(errors.NinetiethPercentile), Percent(group.Covered!.Value), Factor(group.Sharpness!.Value)]
        : ["–", "–", "–", "–"];

    /// <summary>Median and ninetieth percentile of what is used otherwise.</summary>
    public static string Baseline(ErrorStatistics? errors) => errors is null
        ? "–"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * errors.Median:0} % / {100 * errors.NinetiethPercentile:0} %");
}
