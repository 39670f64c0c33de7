using System.Diagnostics;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class RefusedCalls(int jobs) : IFault
{
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public string Id => "C19";

    public string Expected =>
        $"storms of {Storm.TotalSeconds} s of 429 with Retry-After, of 503 and of 30 % random 500: all jobs done, at most twice the usual requests, none again before Retry-After";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var usual = await RunAsync(cluster, null);
        var busy = await RunAsync(cluster, _ => InjectedFault.TooManyRequests(RetryAfter));
        var away = await RunAsync(cluster, _ => InjectedFault.Unavailable());
        var broken = await RunAsync(cluster, _ => Random.Shared.NextDouble() < 0.3 ? InjectedFault.InternalError : null);
        (string Name, Run Run)[] storms = [("429", busy), ("503", away), ("500", broken)];
        return new Observation(
            storms.All(storm => storm.Run.Done is not null && storm.Run.Calls <= 2 * usual.Calls) && busy.TooSoon.Count == 0,
            $"{usual.Calls} requests and {usual.Done} s usually; "
                + string.Join("; ", storms.Select(storm => $"{storm.Name}: {storm.Run.Calls} requests, done after {storm.Run.Done} s")) + $"; {busy.TooSoon.Count} again before Retry-After{(busy.TooSoon.Count == 0 ? "" : $", such as {busy.TooSoon[0]}")}");
    }

    /// <summary>Requests count from when the operator acts until all jobs are done.</summary>
    private async Task<Run> RunAsync(Cluster cluster, Func<ApiCall, InjectedFault?>? fault)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        await using var process = await cluster.StartOperatorAsync(await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync()));
        var before = proxy.Calls.Count;
        var watch = Stopwatch.StartNew();
        var creating = cluster.CreateJobsAsync(ns, jobs);
        var stormy = fault is null ? [] : await StormAsync(proxy, fault);
        await creating;
        var done = await cluster.AllLaunchedAsync(ns, jobs, TimeSpan.FromMinutes(5));
        return new Run(done is null ? null : Math.Round(watch.Elapsed.TotalSeconds, 1), proxy.Calls.Count - before, TooSoon(stormy));
    }

    /// <summary>What was asked during the storm.</summary>
    private static async Task<IReadOnlyList<ApiCall>> StormAsync(HttpFaultProxy proxy, Func<ApiCall, InjectedFault?> fault)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(500));
        proxy.Fault = fault;
        var begun = Stopwatch.GetTimestamp();
        await Task.Delay(Storm);
        proxy.Fault = null;
        return [.. proxy.Calls.Where(call => call.Timestamp >= begun)];
    }

    /// <summary>The same call again, sooner than it was told; a POST says nothing of what it creates.</summary>
    private static IReadOnlyList<string> TooSoon(IReadOnlyList<ApiCall> stormy) =>
    [
        .. from same in stormy.Where(call => call.Method != "POST" && !call.IsWatch).GroupBy(call => (call.Method, call.Path), call => call.Timestamp)
           from pair in same.Zip(same.Skip(1))
           let after = Stopwatch.GetElapsedTime(pair.First, pair.Second)
           where after < RetryAfter
           select $"{same.Key.Method} {same.Key.Path} after {after.TotalSeconds:0.00} s",
    ];

    private sealed record Run(double? Done, int Calls, IReadOnlyList<string> TooSoon);
}
