using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class RandomKills(int jobs, int kills) : IFault
{
    public string Id => "C65";

    public string Expected => $"an operator killed {kills} times at random over {jobs} jobs ends where an undisturbed one does: no orphan, no duplicate";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var random = new Random(65);
        var disturbed = await cluster.NewNamespaceAsync();
        var kubeconfig = await cluster.OperatorKubeconfigAsync();
        // Some work waits at every start, and all rounds together create every job.
        for (var round = 0; round < kills; round++)
        {
            var (from, to) = (jobs * round / kills, jobs * (round + 1) / kills);
            await using var victim = InstalledGpuMem.NewOperator(kubeconfig);
            await cluster.CreateJobsAsync(disturbed, to - from, from: from);
            await victim.HasLoggedAsync("Acting on TrainingJobs");
            await Task.Delay(random.Next(0, 400));
        }
        await using var survivor = await cluster.StartOperatorAsync();
        var done = await cluster.AllLaunchedAsync(disturbed, jobs, TimeSpan.FromMinutes(5));

        var undisturbed = await cluster.NewNamespaceAsync();
        await cluster.CreateJobsAsync(undisturbed, jobs);
        var reference = await cluster.AllLaunchedAsync(undisturbed, jobs, TimeSpan.FromMinutes(5));

        var (expected, actual) = (await FinalState.OfAsync(cluster, undisturbed), await FinalState.OfAsync(cluster, disturbed));
        var differences = expected.DifferencesFrom(actual);
        return new Observation(
            done is not null && reference is not null && differences.Count == 0 && actual.Orphans == 0 && actual.Children == expected.Children,
            $"{actual.Children} children against {expected.Children}, {actual.Orphans} orphans, {differences.Count} objects differ{(differences.Count == 0 ? "" : $", such as {differences[0]}")}, all done: {done is not null}");
    }
}
