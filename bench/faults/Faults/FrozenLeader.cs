using System.Diagnostics;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class FrozenLeader : IFault
{
    private const int Jobs = 400;

    public string Id => "C64";

    public string Expected => "a leader frozen for 20 s while it works: no write by it after it goes on, and it ends within 1 s";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var old = await Candidate.StartAsync(cluster);
        await old.Process.HasLoggedAsync("Acting on TrainingJobs");
        await using var next = await Candidate.StartAsync(cluster);
        var creating = cluster.CreateJobsAsync(ns, Jobs);
        await Cluster.UntilAsync(async () => await cluster.LaunchedAsync(ns) > 5, TimeSpan.FromSeconds(60));

        await old.Process.PauseAsync();
        await Task.Delay(TimeSpan.FromSeconds(20));
        await creating;
        var tookOver = next.Acts;
        var resumed = Stopwatch.GetTimestamp();
        await old.Process.ResumeAsync();
        var ended = await Cluster.UntilAsync(() => old.Process.HasExited, TimeSpan.FromSeconds(30));
        var (begun, writes) = (old.WritesSince(resumed).Count, old.AnsweredWritesSince(resumed));

        var done = await cluster.AllLaunchedAsync(ns, Jobs, TimeSpan.FromMinutes(2));
        var children = await cluster.ChildrenAsync(ns);
        var what = string.Join(", ", writes.GroupBy(call => $"{call.Method} {call.Resource}").Select(group => $"{group.Count()} {group.Key}"));
        return new Observation(
            tookOver && writes.Count == 0 && ended <= 1 && done is not null && children == Jobs,
            $"{writes.Count} writes after the pause{(what.Length == 0 ? "" : $" ({what})")}, {begun} begun, ended after {ended} s, the other had taken over: {tookOver}, {children} children of {Jobs} jobs, all done: {done is not null}");
    }
}
