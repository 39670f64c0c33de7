namespace GpuMem.Bench.Faults.Faults;

internal sealed class DeadLeader : IFault
{
    public string Id => "C71";

    public string Expected => "a new leader 17 s after SIGKILL, 3 s after SIGTERM";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var first = await Candidate.StartAsync(cluster);
        await first.Process.HasLoggedAsync("Acting on TrainingJobs");
        await using var second = await Candidate.StartAsync(cluster);
        await first.Process.KillAsync();
        var afterKill = await Cluster.UntilAsync(() => second.Acts, TimeSpan.FromMinutes(1));

        await using var third = await Candidate.StartAsync(cluster);
        await second.Process.TerminateAsync();
        var afterTerm = await Cluster.UntilAsync(() => third.Acts, TimeSpan.FromMinutes(1));
        return new Observation(afterKill <= 17 && afterTerm <= 3, $"{afterKill} s after SIGKILL, {afterTerm} s after SIGTERM");
    }
}
