using System.Diagnostics;
using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class PartitionedLeader : IFault
{
    private const int Jobs = 400;

    private const int RenewDeadline = 10;

    public string Id => "C64";

    public string Expected =>
        $"a leader that alone loses the API server while it works: no write tried once another leads, ended within 1 s of the renew deadline ({RenewDeadline} s), and what was under way does no harm";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        using var network = new FaultProxy(Kubeconfigs.PortOf(cluster.Administrator));
        // What it asks is seen on its own side of the hole, so that what does not arrive counts as well.
        await using var old = await Candidate.StartAsync(cluster, await Kubeconfigs.ThroughAsync(network, cluster.Administrator));
        await old.Process.HasLoggedAsync("Acting on TrainingJobs");
        await using var next = await Candidate.StartAsync(cluster);
        var creating = cluster.CreateJobsAsync(ns, Jobs);
        await Cluster.UntilAsync(async () => await cluster.LaunchedAsync(ns) > 5, TimeSpan.FromSeconds(60));

        network.Blackhole = true;
        var renewed = old.WritesSince(0).Last(call => call.Resource == "leases").Timestamp;
        await Cluster.UntilAsync(() => old.Process.HasExited, TimeSpan.FromSeconds(30));
        var ended = Stopwatch.GetElapsedTime(renewed).TotalSeconds;
        await Cluster.UntilAsync(() => next.Acts, TimeSpan.FromSeconds(30));
        var (took, acted) = (Stopwatch.GetElapsedTime(renewed).TotalSeconds, Stopwatch.GetTimestamp());
        var late = old.WritesSince(acted).Count;
        var lastWrite = Stopwatch.GetElapsedTime(renewed, old.WritesSince(0)[^1].Timestamp).TotalSeconds;
        // Packets that were held up arrive when nobody expects them any more.
        network.Blackhole = false;
        await creating;

        var done = await cluster.AllLaunchedAsync(ns, Jobs, TimeSpan.FromMinutes(2));
        var children = await cluster.ChildrenAsync(ns);
        return new Observation(
            late == 0 && lastWrite < took && ended <= RenewDeadline + 1 && next.Acts && done is not null && children == Jobs,
            $"after its last renewal it tried its last write at {lastWrite:0.0} s and ended at {ended:0.0} s, the other led at {took:0.0} s, {late} writes after that; {children} children of {Jobs} jobs, all done: {done is not null}");
    }
}
