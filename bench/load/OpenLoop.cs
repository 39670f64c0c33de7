using System.Text;
using HdrHistogram;

namespace GpuMem.Bench.Load;

/// <summary>
/// Sends on a schedule that is fixed beforehand and waits for no answer, so that a webhook that stalls does not slow down those who ask it.
/// Latency counts from the intended time: what was sent late because something stalled has waited, too (no coordinated omission).
/// </summary>
internal static class OpenLoop
{
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>Microseconds; what takes longer counts as much.</summary>
    private const long Longest = 60_000_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <param name="log">Where the raw results go, second by second, in HdrHistogram's log format (units: microseconds).</param>
    public static async Task<Latencies> RunAsync(Endpoint endpoint, Func<int, Question> question, int rate, TimeSpan duration, string log)
    {
        var recorder = HistogramFactory.With64BitBucketSize().WithValuesUpTo(Longest).WithPrecisionOf(3).WithThreadSafeWrites().WithThreadSafeReads().Create();
        var (total, lateness) = (new LongHistogram(Longest, 3), new LongHistogram(Longest, 3));
        using var raw = new MemoryStream();
        using var writer = new HistogramLogWriter(raw);
        writer.Write(DateTime.UtcNow);
        void Collect()
        {
            var interval = recorder.GetIntervalHistogram();
            total.Add(interval);
            writer.Append(interval);
        }

        var (count, errors) = ((int)(rate * duration.TotalSeconds), endpoint.Errors);
        var unanswered = new CountdownEvent(count);
        async Task AskAsync(Question asked, long intended)
        {
            await endpoint.AskAsync(asked);
            recorder.RecordValue(Math.Clamp((Clock.Now - intended) / 1_000, 1, Longest));
            unanswered.Signal();
        }

        var start = Clock.Now + NanosecondsPerSecond / 10;
        var schedule = new Thread(() =>
        {
            for (var i = 0; i < count; i++)
            {
                var intended = start + i * NanosecondsPerSecond / rate;
                Clock.SleepUntil(intended);
                lateness.RecordValue(Math.Clamp((Clock.Now - intended) / 1_000, 1, Longest));
                _ = AskAsync(question(i), intended);
            }
        });
        schedule.Start();
        using (unanswered)
        {
            while (!unanswered.IsSet)
            {
                await Task.Delay(Interval);
                Collect();
            }
        }
        schedule.Join();
        // The writer writes UTF-16, and the tools that read such logs want ASCII.
        await File.WriteAllTextAsync(log, Encoding.Unicode.GetString(raw.ToArray()).TrimStart('\uFEFF'));
        return new Latencies(count, endpoint.Errors - errors, total, lateness);
    }
}
