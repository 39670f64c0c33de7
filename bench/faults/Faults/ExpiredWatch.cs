using GpuMem.TestKit.Faults;
using k8s.Models;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class ExpiredWatch : IFault
{
    private const int Maps = 100;

    public string Id => "C61";

    public string Expected => "100 deletions missed behind a 410: no ghost 5 s after the connection is back (15 s where lists are streamed and the stream stays silent); the same for 410 in a watch and in place of one";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var compacted = await CompactedAsync(cluster);
        var inStream = await InjectedAsync(cluster, inStream: true);
        var instead = await InjectedAsync(cluster, inStream: false);
        return new Observation(compacted.Pass && inStream.Pass && instead.Pass, $"compacted: {compacted.Text}; in the stream: {inStream.Text}; in place of it: {instead.Text}");
    }

    private static async Task<Observation> CompactedAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        using var proxy = new FaultProxy(Kubeconfigs.PortOf(cluster.Administrator));
        await using var maps = new FollowedMaps(await Kubeconfigs.ThroughAsync(proxy, cluster.Administrator), ns);
        await FillAsync(cluster, maps, ns);
        proxy.Refuse = true;
        proxy.Reset();
        await DeleteAsync(cluster, ns);
        using (var etcd = await Etcd.OfAsync(cluster.ControlPlane))
            await etcd.CompactAsync();
        // Its watch cache remembers what etcd has forgotten.
        await cluster.ControlPlane.KillAsync("kube-apiserver");
        await cluster.ControlPlane.StartAgainAsync("kube-apiserver");
        await cluster.ServerIsReadyAsync();
        proxy.Refuse = false;
        var connected = await Cluster.UntilAsync(() => proxy.Connections > 0, TimeSpan.FromSeconds(90));
        return await GoneAsync(maps, connected);
    }

    private static async Task<Observation> InjectedAsync(Cluster cluster, bool inStream)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var proxy = await HttpFaultProxy.StartAsync(cluster.Administrator);
        await using var maps = new FollowedMaps(await Kubeconfigs.ThroughAsync(proxy, cluster.Administrator), ns);
        await FillAsync(cluster, maps, ns);
        // The deletions are under way, but they will not arrive; nor will a streamed list, which only a plain one can replace.
        proxy.WatchDelay = TimeSpan.FromMinutes(1);
        await DeleteAsync(cluster, ns);
        var gone = 0;
        proxy.Fault = call => call.IsWatch && !inStream && Interlocked.Exchange(ref gone, 1) == 0 ? InjectedFault.Gone : null;
        proxy.EndWatches(inStream ? InjectedFault.GoneInStream : InjectedFault.Unavailable() with { InStream = true });
        return await GoneAsync(maps, connected: 0);
    }

    private static async Task FillAsync(Cluster cluster, FollowedMaps maps, string ns)
    {
        await Parallel.ForEachAsync(Enumerable.Range(0, Maps), async (index, token) => await cluster.Client.CreateAsync(FollowedMaps.Map(ns, $"map-{index}"), token));
        await maps.Informer.WaitForSyncAsync(CancellationToken.None);
        await cluster.Client.CreateAsync(FollowedMaps.Map(ns, "kept"));
        await Cluster.UntilAsync(() => maps.Count == Maps + 1, TimeSpan.FromSeconds(30));
    }

    private static Task DeleteAsync(Cluster cluster, string ns) =>
        Parallel.ForEachAsync(Enumerable.Range(0, Maps), async (index, token) => await cluster.Client.DeleteAsync<V1ConfigMap>($"map-{index}", ns, cancellationToken: token));

    private static async Task<Observation> GoneAsync(FollowedMaps maps, double? connected)
    {
        var gone = await Cluster.UntilAsync(() => maps.Count == 1, TimeSpan.FromSeconds(60));
        var expired = maps.Said.LastOrDefault(line => line.Contains("expired", StringComparison.OrdinalIgnoreCase) || line.Contains("too old", StringComparison.Ordinal) || line.Contains("410", StringComparison.Ordinal));
        var silent = maps.Informer.Status.Any(cache => cache.StreamFellSilent);
        return new Observation(gone <= (silent ? 15 : 5) && expired is not null, $"{maps.Count - 1} ghosts {gone} s after reconnecting{(silent ? " to a silent stream" : "")} (which took {connected} s), 410 {(expired is null ? "never seen" : $"seen: \"{expired}\"")}");
    }
}
