namespace GpuMem.Bench.Load;

/// <summary>The figures of one or two builds beside each other, and by how much the first is better.</summary>
internal static class Table
{
    public static void Print(Figures now, Figures? before)
    {
        Console.WriteLine($"{"",-34}{"now",12}{(before is null ? "" : $"{"baseline",12}{"ratio",9}")}");
        void Row(string what, double value, double? other) =>
            Console.WriteLine($"{what,-34}{value,12:0.###}{(other is { } given ? $"{given,12:0.###}{given / value,9:0.0}" : "")}");
        void Rows(string what, Func<Figures, IReadOnlyDictionary<string, double>> of)
        {
            foreach (var (key, value) in of(now))
                Row($"{what} {key}", value, before is not null && of(before).TryGetValue(key, out var other) ? other : null);
        }
        Rows("start to ready, s", figures => figures.StartToReadySeconds);
        Rows("RSS settled, MiB", figures => figures.RssMiB);
        Rows("RSS after load, MiB", figures => figures.RssMiBAfterLoad);
        Rows("admitted, CPU-ms", figures => figures.CpuMsPerReview);
        Rows("mutated, CPU-ms", figures => figures.CpuMsPerMutation);
        Rows("not ours, CPU-ms", figures => figures.CpuMsPerOther);
        Rows("JobSet of 8 jobs, CPU-ms", figures => figures.CpuMsPerJobSet);
        Rows("denied first, CPU-ms", figures => figures.CpuMsPerDenied.First);
        Rows("denied again, CPU-ms", figures => figures.CpuMsPerDenied.Cached);
        Rows("admitted, CPU-ms", figures => figures.CpuMsByBody);
        Rows("slowest answer, ms", figures => figures.ExtremeMs);
        if (now.FloodPeakMiB is { } peak)
            Row("peak while 512 MiB arrive, MiB", peak, before?.FloodPeakMiB);
        if (now.ApiServerWithin5Ms is { } percent)
            Row("API server's calls in 5 ms, %", percent, before?.ApiServerWithin5Ms);
        foreach (var (body, seen) in now.Latency)
        {
            var other = before?.Latency.GetValueOrDefault(body);
            Row($"{body} at {seen.Rate}/s, p50 ms", seen.P50, other?.P50);
            Row($"{body} at {seen.Rate}/s, p99 ms", seen.P99, other?.P99);
            Row($"{body} at {seen.Rate}/s, p99.9 ms", seen.P999, other?.P999);
            Row($"{body} at {seen.Rate}/s, sent late p99", seen.Late, other?.Late);
            Row($"{body} at {seen.Rate}/s, CPU-ms", seen.CpuMsPerReview, other?.CpuMsPerReview);
        }
        if (now.Standstills.Count > 0)
        {
            Row("the machine stands still, %", now.Standstills.Max(seen => seen.Percent), before?.Standstills.Max(seen => seen.Percent));
            Row("the machine stands still, ms", now.Standstills.Max(seen => seen.LongestMs), before?.Standstills.Max(seen => seen.LongestMs));
        }
        Console.WriteLine($"{"errors",-34}{now.Errors,12}{(before is null ? "" : $"{before.Errors,12}")}");
    }

    /// <summary>How many times less than the baseline it takes.</summary>
    public static Dictionary<string, double> Ratio(IReadOnlyDictionary<string, double> now, IReadOnlyDictionary<string, double> before) =>
        now.Where(entry => before.ContainsKey(entry.Key)).ToDictionary(entry => entry.Key, entry => Math.Round(before[entry.Key] / entry.Value, 2));
}
