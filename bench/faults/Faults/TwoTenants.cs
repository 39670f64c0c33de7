using System.Collections.Concurrent;
using System.Diagnostics;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class TwoTenants(int jobs) : IFault
{
    private const int Few = 10;

    public string Id => "C67";

    public string Expected => $"{jobs} jobs of one namespace in the queue: {Few} of another are planned and launched in 2 s (p99); the TrainingJobs take at most 40 MB of etcd";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var (large, small) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        using var etcd = await Etcd.OfAsync(cluster.ControlPlane);
        var before = await etcd.SizeAsync();
        await cluster.CreateJobsAsync(large, jobs);
        // It starts with all of them to do: the longest queue there can be.
        await using var process = await cluster.StartOperatorAsync();
        var times = new ConcurrentBag<double>();
        for (var index = 0; index < Few; index++)
        {
            var started = Stopwatch.GetTimestamp();
            await cluster.CreateJobsAsync(small, 1, from: index);
            await Cluster.UntilAsync(
                async () => (await cluster.Client.GetAsync<TrainingJob>($"job-{index}", small))?.Status?.Phase == TrainingJobPhase.Launched, TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(50));
            times.Add(Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        var left = jobs - await cluster.LaunchedAsync(large);
        var slowest = Math.Round(times.Max(), 2);
        var done = await cluster.AllLaunchedAsync(large, jobs, TimeSpan.FromMinutes(15));
        var growth = await etcd.SizeAsync() - before;
        var own = await etcd.BytesAsync($"/registry/gpumem.io/trainingjobs/{large}/");
        return new Observation(
            slowest <= 2 && left > 0 && done is not null && own <= 40,
            $"slowest of {Few}: {slowest} s, while {left} of {jobs} were still waiting at the end; all done: {done is not null}; "
            + $"the TrainingJobs take {own:0.0} MB; with their Jobs, Services, events and its own pages etcd grew by {growth:0.0} MB");
    }
}
