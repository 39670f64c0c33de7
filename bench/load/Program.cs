using System.Text.Json;
using GpuMem.Bench.Common;
using GpuMem.Bench.Load;
using GpuMem.TestKit;

// An older build that cannot keep up answers long after the last question: nobody waits for that.
const double BaselineMinutes = 0.2;

var options = LoadOptions.Parse(args);
var folder = Path.Combine(RepositoryRoot.Path, "artifacts", "bench", "load");
Directory.CreateDirectory(folder);
foreach (var old in Directory.EnumerateFiles(folder))
    File.Delete(old);

var (now, before, server) = (new Figures(), options.Baseline is null ? null : new Figures(), "none");
using var cluster = options.Url is null ? await LargeCluster.StartAsync(options.Jobs) : null;
if (cluster is null)
{
    // Which TrainingJobs there are is not known here: a pod that nothing describes is right to be admitted, and whatever is said of the other is an answer.
    using var endpoint = new Endpoint(options.Url!, options.Ca is null ? null : File.ReadAllText(options.Ca), options.Connections);
    var usage = options.ProcessId is { } id ? new Usage(id) : null;
    Question[] mix = [Reviews.Other(3_000), Reviews.Fits(3_000) with { Allowed = null }];
    await Cost.WarmUpAsync(endpoint, number => mix[number % mix.Length]);
    await new Measurement(options, null, folder).LatencyAsync("url", endpoint, usage, options.Minutes, mix, now);
    now.Errors = endpoint.Errors;
}
else
{
    server = $"{cluster.ServerVersion}";
    var measurement = new Measurement(options, cluster, folder);
    foreach (var size in options.Sizes)
    {
        await cluster.GrowAsync(size);
        await measurement.OfAsync("now", options.Webhook, size, size == options.Sizes[^1] ? options.Minutes : null, now);
        if (before is not null)
            await measurement.OfAsync("baseline", options.Baseline!, size, size == options.Sizes[^1] ? Math.Min(options.Minutes, BaselineMinutes) : null, before);
    }
}

Table.Print(now, before);
var all = now.Latency.Values.First();
Console.WriteLine(JsonSerializer.Serialize(new
{
    bench = "load",
    webhook = options.Url?.ToString() ?? Path.GetRelativePath(RepositoryRoot.Path, options.Webhook),
    cores = Environment.ProcessorCount,
    server,
    rate = options.Rate,
    minutes = options.Minutes,
    cpuMsPerReview = now.CpuMsPerReview,
    cpuMsPerDenied = now.CpuMsPerDenied,
    cpuMsPerJobSet = now.CpuMsPerJobSet,
    apiServerWithin5MsPercent = now.ApiServerWithin5Ms,
    p50Ms = all.P50,
    p99Ms = all.P99,
    p999Ms = all.P999,
    errors = now.Errors,
    rssMiB = now.RssMiB,
    startToReadySeconds = now.StartToReadySeconds,
    now,
    baseline = before,
    ratio = before is null ? null : new
    {
        cpuMsPerReview = Table.Ratio(now.CpuMsPerReview, before.CpuMsPerReview),
        cpuMsPerMutation = Table.Ratio(now.CpuMsPerMutation, before.CpuMsPerMutation),
        cpuMsPerOther = Table.Ratio(now.CpuMsPerOther, before.CpuMsPerOther),
        cpuMsPerDeniedFirst = Table.Ratio(now.CpuMsPerDenied.First, before.CpuMsPerDenied.First),
        cpuMsPerDeniedCached = Table.Ratio(now.CpuMsPerDenied.Cached, before.CpuMsPerDenied.Cached),
    },
}, JsonSerializerOptions.Web));
