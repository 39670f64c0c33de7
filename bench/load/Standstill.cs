namespace GpuMem.Bench.Load;

/// <summary>
/// How long a virtual machine's processors do nothing because their host runs somebody else's: no program on it answers in that time, and what
/// it makes of the tail of a latency is not the webhook's. Seen as gaps between two readings of the clock while one thread on every processor reads it.
/// </summary>
/// <param name="Percent">Of the time, on the average of all processors, in gaps of 50 µs and more.</param>
/// <param name="LongestMs">The longest gap, in milliseconds.</param>
internal sealed record Standstill(double Percent, double LongestMs)
{
    private const long Gap = 50_000;

    public static Standstill During(TimeSpan duration)
    {
        var (lost, longest) = (new long[Environment.ProcessorCount], new long[Environment.ProcessorCount]);
        var until = Clock.Now + duration.Ticks * 100;
        void Watch(int processor)
        {
            for (long before = Clock.Now, now; before < until; before = now)
            {
                now = Clock.Now;
                if (now - before < Gap)
                    continue;
                lost[processor] += now - before;
                longest[processor] = Math.Max(longest[processor], now - before);
            }
        }
        var watchers = Enumerable.Range(0, lost.Length).Select(processor => new Thread(() => Watch(processor))).ToArray();
        foreach (var watcher in watchers)
            watcher.Start();
        foreach (var watcher in watchers)
            watcher.Join();
        return new(Math.Round(lost.Average() / duration.Ticks, 2), Math.Round(longest.Max() / 1_000_000.0, 2));
    }
}
