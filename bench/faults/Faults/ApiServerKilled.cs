namespace GpuMem.Bench.Faults.Faults;

internal sealed class ApiServerKilled(int jobs) : IFault
{
    public string Id => "C16";

    public string Expected => "API server killed and back after 10 s: the operator lives, follows again 3 s after it is ready, nothing lost or doubled";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (ns, other) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        await using var process = await cluster.StartOperatorAsync();
        await cluster.CreateJobsAsync(ns, jobs);

        await cluster.ControlPlane.KillAsync("kube-apiserver");
        await Task.Delay(TimeSpan.FromSeconds(10));
        await cluster.ControlPlane.StartAgainAsync("kube-apiserver");
        await cluster.ServerIsReadyAsync();
        // The webhook has to answer for this one, the operator to see it; it does not queue behind the others.
        await cluster.CreateJobsAsync(other, 1, "after");
        var followed = await Cluster.UntilAsync(async () => (await cluster.Client.GetAsync<Api.TrainingJobs.TrainingJob>("after-0", other))?.Status?.Phase is not null, TimeSpan.FromMinutes(2));

        var done = await cluster.AllLaunchedAsync(ns, jobs, TimeSpan.FromMinutes(2));
        var children = await cluster.ChildrenAsync(ns);
        return new Observation(
            !process.HasExited && followed <= 3 && done is not null && children == jobs,
            $"operator lives: {!process.HasExited}, a new job is seen {followed} s after the API server is ready, {children} children of {jobs} jobs, all done: {done is not null}");
    }
}
