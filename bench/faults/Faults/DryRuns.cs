namespace GpuMem.Bench.Faults.Faults;

internal sealed class DryRuns : IFault
{
    public string Id => "C57";

    public string Expected => "1,000 pods as dry runs leave no Event and no pod";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var end = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await calls.RunAsync(end.Token);
        var left = await cluster.KubectlAsync("get", "pods,events", "-n", calls.Namespace, "-o", "name");
        return new Observation(calls.Failed.Count == 0 && left.Length == 0, $"{await calls.SummaryAsync()}; left: {(left.Length == 0 ? "nothing" : left.Trim())}");
    }
}
