using System.Diagnostics;
using GpuMem.Kubernetes.Models;
using HdrHistogram;
using k8s.Models;

namespace GpuMem.Bench.Quantities;

/// <summary>How long reading takes.</summary>
internal static class ParseTimes
{
    private const int Rounds = 2001;

    /// <summary>Nanoseconds and allocated bytes for one of the texts, on average.</summary>
    internal static (double Nanoseconds, double Bytes) Average(IReadOnlyList<string> texts, TimeSpan duration)
    {
        long parsed = 0;
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            for (var i = 0; i < 1000; i++)
            {
                if (!Quantity.TryParse(texts[i % texts.Count], out _))
                    throw new InvalidOperationException($"'{texts[i % texts.Count]}' is a quantity and was refused");
            }
            parsed += 1000;
        }
        var took = Stopwatch.GetElapsedTime(started);
        return (took.TotalNanoseconds / parsed, (double)(GC.GetAllocatedBytesForCurrentThread() - allocated) / parsed);
    }

    /// <summary>Microseconds for this text: the median, and the longest, in which whatever else the machine does has its part.</summary>
    internal static (double Median, double Longest, bool Accepted) Of(string text)
    {
        var times = new LongHistogram(TimeStamp.Minutes(1), 3);
        var accepted = false;
        for (var i = 0; i < Rounds; i++)
        {
            var started = Stopwatch.GetTimestamp();
            accepted = Quantity.TryParse(text, out _);
            times.RecordValue(Stopwatch.GetTimestamp() - started);
        }
        // Ticks, not a TimeSpan, whose steps of 100 ns are longer than most of this.
        return (Microseconds(times.GetValueAtPercentile(50)), Microseconds(times.GetMaxValue()), accepted);
    }

    private static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;
}
