using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>A webhook that gets a fifth of a processor, as a CPU limit of 200m gives it: 20 ms of each 100.</summary>
internal sealed class StarvedWebhook : IFault
{
    private const int Pods = 500;

    public string Id => "C11";

    public string Expected => $"{Pods} pods at once for a webhook with a fifth of a processor: what fails is never an answer in plain text, and tried again all exist within 60 s";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        var ns = await EnforcedNamespace.NewAsync(cluster);
        using var end = new CancellationTokenSource();
        var starving = StarveAsync(replicas.Processes[0], end.Token);
        using var api = await RawApi.ConnectAsync(cluster.Administrator);
        var refusals = new ConcurrentBag<string>();
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Pods), new ParallelOptions { MaxDegreeOfParallelism = Pods }, async (i, token) =>
        {
            var pod = Encoding.UTF8.GetBytes(EnforcedNamespace.Pod(EnforcedNamespace.Fits, $"p-{i}", gpus: 8));
            while (watch.Elapsed < TimeSpan.FromMinutes(2))
                try
                {
                    await api.CreateAsync($"/api/v1/namespaces/{ns}/pods", pod, token);
                    return;
                }
                catch (InvalidOperationException refused)
                {
                    refusals.Add(refused.Message);
                    await Task.Delay(TimeSpan.FromSeconds(1), token);
                }
        });
        var seconds = watch.Elapsed.TotalSeconds;
        await end.CancelAsync();
        await starving;
        var plain = refusals.Count(refusal => refusal.Contains("text/plain", StringComparison.Ordinal) || refusal.Contains("unable to parse", StringComparison.OrdinalIgnoreCase));
        var kinds = refusals.Select(refusal => refusal[(refusal.IndexOf("message", StringComparison.Ordinal) is >= 0 and var at ? at : 0)..]).Select(text => text[..Math.Min(160, text.Length)]).Distinct().Take(2);
        return new Observation(seconds <= 60 && plain == 0, $"all exist after {seconds:0.0} s, {refusals.Count} tries refused, {plain} in plain text{(refusals.IsEmpty ? "" : $", such as {string.Join(" | ", kinds)}")}");
    }

    private static async Task StarveAsync(GpuMemProcess process, CancellationToken until)
    {
        while (!until.IsCancellationRequested)
        {
            await process.PauseAsync();
            await Task.Delay(80, CancellationToken.None);
            await process.ResumeAsync();
            await Task.Delay(20, CancellationToken.None);
        }
    }
}
