using System.Diagnostics;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class StalledWebhook : IFault
{
    private const double Limit = 3;

    public string Id => "C09";

    public string Expected => $"the webhook stands still for 5 s, in an enforced namespace: the call is given up after {Limit} s with our name, and the next ones are answered";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var process = replicas.Processes[0];
        await process.PauseAsync();
        var watch = Stopwatch.StartNew();
        var stalled = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, "stalled", gpus: 8));
        var seconds = watch.Elapsed.TotalSeconds;
        await Task.Delay(TimeSpan.FromSeconds(Math.Max(0, 5 - seconds)));
        await process.ResumeAsync();
        var fits = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, "next", gpus: 8));
        var denied = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, "large"));
        // To change and to judge it are two calls, each with a limit of its own.
        return new Observation(
            stalled.ExitCode != 0 && stalled.Error.Contains("gpumem.io", StringComparison.Ordinal) && seconds <= 2 * Limit + 1 && fits.ExitCode == 0 && Cluster.IsDenied(denied),
            $"given up after {seconds:0.0} s with: {Cluster.Said(stalled)}; then one that fits: {Cluster.Said(fits)}, one that does not: {(Cluster.IsDenied(denied) ? "denied" : Cluster.Said(denied))}");
    }
}
