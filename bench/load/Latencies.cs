using HdrHistogram;

namespace GpuMem.Bench.Load;

/// <summary>How long answers took, in milliseconds from the time at which the question should have been sent.</summary>
/// <param name="Lateness">How much later than intended questions were sent: what of the latency is the generator's own, or the machine's.</param>
internal sealed record Latencies(int Count, int Errors, HistogramBase Total, HistogramBase Lateness)
{
    public double P50 => Percentile(Total, 50);

    public double P99 => Percentile(Total, 99);

    public double P999 => Percentile(Total, 99.9);

    public double Max => Percentile(Total, 100);

    public double LatenessP99 => Percentile(Lateness, 99);

    private static double Percentile(HistogramBase histogram, double percentile) => Math.Round(histogram.GetValueAtPercentile(percentile) / 1_000.0, 3);
}
