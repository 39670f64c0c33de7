namespace GpuMem.Bench.Faults.Faults;

internal sealed class RollingRestarts(int rollouts) : IFault
{
    public string Id => "C07";

    public string Expected => $"{rollouts} rolling restarts of two webhooks at 100 pods/s: no call fails, and every replica that is told to stop ends by itself";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 2);
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var end = new CancellationTokenSource();
        var load = calls.RunAsync(end.Token);
        for (var i = 0; i < rollouts; i++)
            await replicas.RestartAllAsync();
        await replicas.DrainedAsync();
        await end.CancelAsync();
        await load;
        return new Observation(
            calls.Failed.Count == 0 && await calls.FailedCallsAsync() == 0 && replicas.StoppedWell == 2 * rollouts,
            $"{await calls.SummaryAsync()}; {replicas.StoppedWell} of {2 * rollouts} replicas stopped with exit status 0");
    }
}
