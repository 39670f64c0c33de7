using System.Diagnostics;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class RefusedCalls(int jobs) : IFault
{
    private static readonly TimeSpan Storm = TimeSpan.FromSeconds(20);

    public string Id => "C19";

    public string Expected => "storms of 429 with Retry-After and of 503, then 30 % random 500: all jobs done, at most twice the usual requests";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (_, usual) = await RunAsync(cluster, null, TimeSpan.Zero);
        var busy = await RunAsync(cluster, _ => InjectedFault.TooManyRequests(TimeSpan.FromSeconds(2)), Storm);
        var away = await RunAsync(cluster, _ => InjectedFault.Unavailable(), Storm);
        var broken = await RunAsync(cluster, _ => Random.Shared.NextDouble() < 0.3 ? InjectedFault.InternalError : null, TimeSpan.MaxValue);
        (string Name, double? Done, int Calls)[] runs = [("429", busy.Done, busy.Calls), ("503", away.Done, away.Calls), ("500", broken.Done, broken.Calls)];
        return new Observation(
            runs.All(run => run.Done is not null && run.Calls <= 2 * usual),
            $"{usual} requests usually; " + string.Join("; ", runs.Select(run => $"{run.Name}: {run.Calls} requests, done after {run.Done} s")));
    }

    /// <summary>Requests count from when the operator acts until all jobs are done.</summary>
    private async Task<(double? Done, int Calls)> RunAsync(Cluster cluster, Func<ApiCall, InjectedFault?>? fault, TimeSpan storm)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        await using var process = await cluster.StartOperatorAsync(await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync()));
        var before = proxy.Calls.Count;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(cluster.CreateJobsAsync(ns, jobs), StormAsync());
        var done = await cluster.AllLaunchedAsync(ns, jobs, TimeSpan.FromMinutes(5));
        return (done is null ? null : Math.Round(watch.Elapsed.TotalSeconds, 1), proxy.Calls.Count - before);

        async Task StormAsync()
        {
            await Task.Delay(TimeSpan.FromMilliseconds(500));
            proxy.Fault = fault;
            if (storm == TimeSpan.MaxValue)
                return;
            await Task.Delay(storm);
            proxy.Fault = null;
        }
    }
}
