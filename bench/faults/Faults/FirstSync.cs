using System.Diagnostics;
using System.Text.RegularExpressions;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Faults.Faults;

internal sealed partial class FirstSync(CrowdedCluster crowd) : IFault
{
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(30);

    private static readonly string[] Followed = ["gpupools", "jobs", "nodes", "pods", "trainingjobs"];

    public string Id => "C13";

    public string Expected => $"{crowd.Nodes} nodes and {crowd.Pods} pods: in sync 60 s after the start, with one list of each kind, answered or streamed";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await crowd.FillAsync(cluster);
        var before = await ListsAsync(cluster);
        var watch = Stopwatch.StartNew();
        await using var process = await cluster.StartOperatorAsync();
        var synced = Math.Round(watch.Elapsed.TotalSeconds, 1);
        var usage = new Usage(process.Id);
        var cpu = usage.CpuSeconds;
        await Task.Delay(Settle);
        var after = await ListsAsync(cluster);
        var lists = Followed.ToDictionary(kind => kind, kind => after.GetValueOrDefault(kind) - before.GetValueOrDefault(kind));
        return new Observation(
            synced <= 60 && lists.Values.All(count => count == 1),
            $"in sync after {synced} s ({cpu:0.0} s of its own CPU), lists: {string.Join(", ", lists.Select(list => $"{list.Value} of {list.Key}"))}; RSS peak {usage.PeakMiB:0} MiB, {usage.ResidentMiB:0} MiB {Settle.TotalSeconds} s later");
    }

    /// <summary>Lists by resource that the API server has answered, or streamed as the beginning of a watch. Only the operator has a reason for one meanwhile.</summary>
    private static async Task<Dictionary<string, int>> ListsAsync(Cluster cluster)
    {
        var metrics = await cluster.KubectlAsync("get", "--raw", "/metrics");
        return ListCount().Matches(metrics).Concat(StreamedListCount().Matches(metrics))
            .GroupBy(match => match.Groups["resource"].Value, match => int.Parse(match.Groups["count"].Value, null))
            .ToDictionary(group => group.Key, group => group.Sum());
    }

    [GeneratedRegex("""^apiserver_request_total\{.*resource="(?<resource>[a-z]+)".*subresource="",.*verb="LIST".*\} (?<count>\d+)$""", RegexOptions.Multiline)]
    private static partial Regex ListCount();

    [GeneratedRegex("""^apiserver_watch_list_duration_seconds_count\{.*resource="(?<resource>[a-z]+)".*\} (?<count>\d+)$""", RegexOptions.Multiline)]
    private static partial Regex StreamedListCount();
}
