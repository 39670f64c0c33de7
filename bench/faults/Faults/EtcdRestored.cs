using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class EtcdRestored : IFault
{
    public string Id => "C18";

    public string Expected => "etcd restored from an older copy: the cache has no ghost, the operator lives and goes on";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (ns, plane) = (await cluster.NewNamespaceAsync(), cluster.ControlPlane);
        await cluster.CreateJobsAsync(ns, 10);
        await using var process = await cluster.StartOperatorAsync();
        await cluster.AllLaunchedAsync(ns, 10, TimeSpan.FromMinutes(1));
        await cluster.Client.CreateAsync(FollowedMaps.Map(ns, "old"));
        var (data, copy) = (Path.Combine(plane.Folder, "etcd"), Path.Combine(plane.Folder, "etcd.copy"));
        await DownAsync(plane);
        await CopyAsync(data, copy);
        await UpAsync(cluster);

        await using var maps = new FollowedMaps(cluster.Administrator, ns);
        await maps.Informer.WaitForSyncAsync(CancellationToken.None);
        await Parallel.ForEachAsync(Enumerable.Range(0, 50), async (index, token) => await cluster.Client.CreateAsync(FollowedMaps.Map(ns, $"lost-{index}"), token));
        await cluster.CreateJobsAsync(ns, 20, "lost");
        await Cluster.UntilAsync(() => maps.Count == 51, TimeSpan.FromSeconds(30));
        await DownAsync(plane);
        Directory.Delete(data, recursive: true);
        await CopyAsync(copy, data);
        await UpAsync(cluster);

        var gone = await Cluster.UntilAsync(() => maps.Count == 1, TimeSpan.FromMinutes(2));
        await cluster.CreateJobsAsync(ns, 1, "after");
        var done = await cluster.AllLaunchedAsync(ns, 11, TimeSpan.FromMinutes(2));
        var children = await cluster.ChildrenAsync(ns);
        return new Observation(
            gone is not null && done is not null && children == 11 && !process.HasExited,
            $"{maps.Count - 1} ghosts {gone} s after the API server was ready (the cache says last: \"{maps.Said.LastOrDefault()}\"), a new job done {done} s later, {children} children of 11 jobs, operator lives: {!process.HasExited}");
    }

    private static async Task DownAsync(ControlPlane plane)
    {
        await plane.KillAsync("kube-apiserver");
        await plane.KillAsync("etcd", "TERM");
    }

    private static async Task UpAsync(Cluster cluster)
    {
        await cluster.ControlPlane.StartAgainAsync("etcd");
        await cluster.ControlPlane.StartAgainAsync("kube-apiserver");
        await cluster.ServerIsReadyAsync();
    }

    private static async Task CopyAsync(string from, string to)
    {
        var (exitCode, _, error) = await Script.RunAsync("cp", ["-a", from, to]);
        if (exitCode != 0)
            throw new IOException(error);
    }
}
