using System.Diagnostics;
using GpuMem.Planning;
using HdrHistogram;

namespace GpuMem.Bench.Plans;

/// <summary>How long plans take, one by one, and the processor time of one on average.</summary>
/// <param name="Ticks">Of each plan, by the stopwatch.</param>
/// <param name="CpuMs">The process's processor time over all plans, by plan: a busy machine does not change it.</param>
internal sealed record PlanTimes(LongHistogram Ticks, double CpuMs)
{
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static PlanTimes Of(PlanRequest request, IReadOnlyList<Pool> pools, TimeSpan time) => Of(() => Planner.Plan(request, pools), time);

    /// <param name="plan">Makes one plan.</param>
    /// <param name="time">How long to go on.</param>
    public static PlanTimes Of(Func<object> plan, TimeSpan time)
    {
        var (times, watch, cpu) = (new LongHistogram(TimeStamp.Minutes(1), 3), Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        do
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(plan());
            times.RecordValue(Stopwatch.GetTimestamp() - start);
        }
        while (watch.Elapsed < time);
        return new PlanTimes(times, (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / times.TotalCount);
    }

    /// <summary>What one plan allocates, on whichever threads it runs.</summary>
    public static long BytesOf(Func<object> plan)
    {
        const int plans = 10;
        GC.KeepAlive(plan());
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < plans; i++)
            GC.KeepAlive(plan());
        return (GC.GetTotalAllocatedBytes(precise: true) - before) / plans;
    }

    /// <summary>Milliseconds in which so many of a hundred plans were ready.</summary>
    public double Percentile(double percent) => Ticks.GetValueAtPercentile(percent) * 1e3 / Stopwatch.Frequency;
}
