using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class LateWatch(int jobs) : IFault
{
    public string Id => "C62";

    public string Expected => "watches that are 5 s late: no child created twice";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        await using var process = await cluster.StartOperatorAsync(await Kubeconfigs.ThroughAsync(proxy, await cluster.OperatorKubeconfigAsync()));
        proxy.WatchDelay = TimeSpan.FromSeconds(5);
        await cluster.CreateJobsAsync(ns, jobs);
        var done = await cluster.AllLaunchedAsync(ns, jobs, TimeSpan.FromMinutes(2));
        // The echoes of its own writes have to have come by.
        await Task.Delay(TimeSpan.FromSeconds(12));
        var children = await cluster.ChildrenAsync(ns);
        var created = proxy.Calls.Count(call => call.IsWrite && call.Resource == "jobs");
        return new Observation(
            done is not null && children == jobs && created == jobs,
            $"{children} children of {jobs} jobs, written {created} times, all done: {done is not null}");
    }
}
