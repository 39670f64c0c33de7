using System.Diagnostics;
using GpuMem.Planning;

namespace GpuMem.Bench.Plans;

/// <summary>How long plans take, one by one, and the processor time of one on average.</summary>
/// <param name="Milliseconds">Of each plan, ascending.</param>
/// <param name="CpuMs">The process's processor time over all plans, by plan: a busy machine does not change it.</param>
internal sealed record PlanTimes(double[] Milliseconds, double CpuMs)
{
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    public static PlanTimes Of(PlanRequest request, IReadOnlyList<Pool> pools, TimeSpan time)
    {
        var (times, watch, cpu) = (new List<double>(), Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        do
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(Planner.Plan(request, pools));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (watch.Elapsed < time);
        return new PlanTimes([.. times.Order()], (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / times.Count);
    }

    public double Quantile(double share) => Milliseconds[(int)(share * (Milliseconds.Length - 1))];
}
