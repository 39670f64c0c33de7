using System.Diagnostics.Metrics;
using System.Diagnostics;

namespace GpuMem.Metrics;

/// <summary>The process metrics that Prometheus clients of every language have.</summary>
public static class ProcessMetrics
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>Adds them to a meter, under their own names.</summary>
    public static void Publish(Meter meter)
    {
        meter.CreateObservableCounter("process_cpu_seconds_total", () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used, of user and system");
        meter.CreateObservableGauge("process_resident_memory_bytes", () => Environment.WorkingSet, "By", "Memory that is in RAM");
        double started = StartTime();
        meter.CreateObservableGauge("process_start_time_seconds", () => started, "s", "When the process started, in seconds since 1970");
        if (Directory.Exists(Descriptors))
            meter.CreateObservableGauge("process_open_fds", () => Directory.EnumerateFileSystemEntries(Descriptors).LongCount(), null, "Open file descriptors");
    }

    private static double StartTime()
    {
        using Process process = Process.GetCurrentProcess();
        return (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
    }
}
