namespace GpuMem.Bench.Faults.Faults;

internal sealed class EtcdFrozen(int jobs) : IFault
{
    public string Id => "C17";

    public string Expected => "etcd frozen for 30 s in the middle of the work: no write lost, none doubled, the operator lives";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.CreateJobsAsync(ns, jobs);
        await using var process = await cluster.StartOperatorAsync();
        var before = await cluster.LaunchedAsync(ns);

        await cluster.ControlPlane.KillAsync("etcd", "STOP");
        await Task.Delay(TimeSpan.FromSeconds(30));
        await cluster.ControlPlane.KillAsync("etcd", "CONT");
        var done = await cluster.AllLaunchedAsync(ns, jobs, TimeSpan.FromMinutes(3));
        var children = await cluster.ChildrenAsync(ns);
        return new Observation(
            !process.HasExited && done is not null && children == jobs,
            $"{before} of {jobs} jobs launched before, all {done} s after, {children} children, operator lives: {!process.HasExited}");
    }
}
