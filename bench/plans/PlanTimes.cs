using System.Diagnostics;
using GpuMem.Planning;

namespace GpuMem.Bench.Plans;

/// <summary>How long plans take, one by one.</summary>
internal static class PlanTimes
{
    public static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan Round = TimeSpan.FromSeconds(3);

    /// <returns>Milliseconds, ascending.</returns>
    public static double[] Of(PlanRequest request, IReadOnlyList<Pool> pools, TimeSpan time)
    {
        var (times, watch) = (new List<double>(), Stopwatch.StartNew());
        do
        {
            var start = Stopwatch.GetTimestamp();
            GC.KeepAlive(Planner.Plan(request, pools));
            times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        while (watch.Elapsed < time);
        return [.. times.Order()];
    }

    public static double Quantile(double[] ascending, double share) => ascending[(int)(share * (ascending.Length - 1))];
}
