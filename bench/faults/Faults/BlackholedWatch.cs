using GpuMem.TestKit.Faults;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class BlackholedWatch : IFault
{
    public string Id => "C60";

    public string Expected => "a watch without a sign of life noticed in 60 s; a change seen 5 s after the network is back";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        using var proxy = new FaultProxy(Kubeconfigs.PortOf(cluster.Administrator));
        await using var maps = new FollowedMaps(await Kubeconfigs.ThroughAsync(proxy, cluster.Administrator), ns);
        await maps.Informer.WaitForSyncAsync(CancellationToken.None);
        // Only once the watch is there can it be lost.
        await cluster.Client.CreateAsync(FollowedMaps.Map(ns, "before"));
        await Cluster.UntilAsync(() => maps.Has(ns, "before"), TimeSpan.FromSeconds(10));

        proxy.Blackhole = true;
        var noticed = await Cluster.UntilAsync(() => maps.Informer.LastError is not null, TimeSpan.FromSeconds(90));
        await cluster.Client.CreateAsync(FollowedMaps.Map(ns, "meanwhile"));
        // Long enough that the first attempt to come back has run into the hole, too.
        await Task.Delay(TimeSpan.FromSeconds(15));
        proxy.Blackhole = false;
        var seen = await Cluster.UntilAsync(() => maps.Has(ns, "meanwhile"), TimeSpan.FromSeconds(90));
        return new Observation(noticed <= 60 && seen <= 5, $"noticed after {noticed} s, change seen {seen} s after recovery ({maps.Said.Count(line => line.Contains("again", StringComparison.Ordinal))} attempts failed)");
    }
}
