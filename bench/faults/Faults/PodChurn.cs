using System.Diagnostics;
using System.Globalization;
using GpuMem.Bench.Common;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class PodChurn(CrowdedCluster crowd, int minutes) : IFault
{
    private const int PerSecond = 100;

    private const int Port = 18096;

    private const string Collections = "dotnet_gc_collections_total{gc_heap_generation=\"gen2\"} ";

    private static readonly TimeSpan Sample = TimeSpan.FromSeconds(2);

    public string Id => "C63";

    public string Expected =>
        $"{crowd.Nodes} nodes and {crowd.Pods} pods, of which {PerSecond} a second are replaced for {minutes} min: RSS drifts by at most 5 %, at most one gen-2 collection a minute";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await crowd.FillAsync(cluster);
        var kubeconfig = await cluster.OperatorKubeconfigAsync();
        await using var process = GpuMemProcess.Start(
            "operator", "--kubeconfig", kubeconfig, "--namespace", InstalledGpuMem.Namespace, "--address", "127.0.0.1", "--health-port", $"{Port}");
        await process.HasLoggedAsync("Acting on TrainingJobs");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        var usage = new Usage(process.Id);
        var (before, cpu, clock) = (await CollectionsAsync(http), usage.CpuSeconds, Stopwatch.StartNew());
        var length = TimeSpan.FromMinutes(minutes);
        var replacing = ReplaceAsync(cluster, clock, length);
        List<double> resident = [];
        while (clock.Elapsed < length)
        {
            await Task.Delay(Sample);
            resident.Add(usage.ResidentMiB);
        }
        var replaced = await replacing;
        // What it takes to get going is not drift: the second tenth of the time against the last.
        var tenth = resident.Count / 10;
        var (early, late) = (resident.Skip(tenth).Take(tenth).Average(), resident.TakeLast(tenth).Average());
        var drift = 100 * (late - early) / early;
        var collections = (await CollectionsAsync(http) - before) / minutes;
        return new Observation(
            drift <= 5 && collections <= 1,
            $"RSS {early:0} MiB, at the end {late:0} MiB ({drift:+0.0;-0.0} %), between {resident.Min():0} and {resident.Max():0}; {collections?.ToString("0.0", CultureInfo.InvariantCulture) ?? "no figure of"} gen-2 collections a minute; {replaced / clock.Elapsed.TotalSeconds:0} pods a second, {(usage.CpuSeconds - cpu) / clock.Elapsed.TotalSeconds:0.00} cores");
    }

    /// <summary>The oldest pod goes and a new one comes.</summary>
    private async Task<int> ReplaceAsync(Cluster cluster, Stopwatch clock, TimeSpan length)
    {
        using var api = await RawApi.ConnectAsync(cluster.Administrator);
        var count = (int)(length.TotalSeconds * PerSecond);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (number, token) =>
        {
            var due = TimeSpan.FromSeconds((double)number / PerSecond) - clock.Elapsed;
            if (due > TimeSpan.Zero)
                await Task.Delay(due, token);
            await api.DeleteAsync($"{CrowdedCluster.PodsPath}/scale-pod-{number}", token);
            await api.CreateAsync(CrowdedCluster.PodsPath, crowd.Pod(crowd.Pods + number), token);
        });
        return count;
    }

    private static async Task<double?> CollectionsAsync(HttpClient http)
    {
        var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        var line = metrics.Split('\n').FirstOrDefault(line => line.StartsWith(Collections, StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[Collections.Length..], CultureInfo.InvariantCulture);
    }
}
