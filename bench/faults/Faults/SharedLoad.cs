using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuMem.Bench.Faults.Faults;

internal sealed partial class SharedLoad : IFault
{
    public string Id => "C08";

    public string Expected => "a second replica joins: after two minutes neither gets more than 60 % of the calls";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 1);
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var end = new CancellationTokenSource();
        var load = calls.RunAsync(end.Token);
        await Task.Delay(TimeSpan.FromSeconds(10));
        await replicas.AddAsync();
        await Task.Delay(TimeSpan.FromMinutes(2));
        var before = await DecisionsAsync(replicas);
        await Task.Delay(TimeSpan.FromMinutes(2));
        var after = await DecisionsAsync(replicas);
        await end.CancelAsync();
        await load;
        var each = after.Zip(before, (now, then) => now - then).ToArray();
        var most = Math.Round(100 * each.Max() / each.Sum(), 1);
        return new Observation(most <= 60 && calls.Failed.Count == 0, $"{string.Join(" and ", each)} decisions, at most {most} %; {await calls.SummaryAsync()}");
    }

    private static async Task<double[]> DecisionsAsync(WebhookReplicas replicas)
    {
        using var http = new HttpClient();
        return await Task.WhenAll(replicas.HealthPorts.Select(async port =>
            Decisions().Matches(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"))).Sum(line => double.Parse(line.Groups[1].Value, CultureInfo.InvariantCulture))));
    }

    [GeneratedRegex(@"^gpumem_decisions_total[^\n]* ([0-9.e+]+)$", RegexOptions.Multiline)]
    private static partial Regex Decisions();
}
