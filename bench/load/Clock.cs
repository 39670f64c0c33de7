using System.Diagnostics;
using System.Runtime.InteropServices;

namespace GpuMem.Bench.Load;

/// <summary>Sleeps until a time to within some tens of microseconds. Thread.Sleep knows only milliseconds, and spinning would take a core from the webhook.</summary>
internal static partial class Clock
{
    private const int Monotonic = 1;

    private const int Absolute = 1;

    /// <summary>A count of nanoseconds, from <c>CLOCK_MONOTONIC</c>: what <see cref="Stopwatch"/> reads on Linux.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    public static void SleepUntil(long time)
    {
        var until = new TimeSpec(time / 1_000_000_000, time % 1_000_000_000);
        while (Now < time)
            _ = Sleep(Monotonic, Absolute, in until, 0);
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in TimeSpec until, nint remaining);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
