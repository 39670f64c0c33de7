namespace GpuMem.Evaluation;

/// <summary>How far predictions lie from measurements; errors are predicted / measured − 1.</summary>
/// <param name="Count">Cases with both.</param>
/// <param name="Median">Of absolute errors.</param>
/// <param name="NinetiethPercentile">Of absolute errors, interpolated.</param>
/// <param name="Worst">The largest absolute error, with its sign.</param>
/// <param name="Bias">The mean of signed errors.</param>
public sealed record ErrorStatistics(int Count, double Median, double NinetiethPercentile, double Worst, double Bias)
{
    /// <returns>Null when there is no error to speak of.</returns>
    public static ErrorStatistics? Of(IEnumerable<double> errors)
    {
        double[] signed = [.. errors];
        if (signed.Length == 0)
            return null;
        double[] absolute = [.. signed.Select(Math.Abs).Order()];
        return new ErrorStatistics(signed.Length, Quantile(absolute, 0.5), Quantile(absolute, 0.9), signed.MaxBy(Math.Abs), signed.Average());
    }

    internal static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((position - below) * (sorted[above] - sorted[below]));
    }
}
