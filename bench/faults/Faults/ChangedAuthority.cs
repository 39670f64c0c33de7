using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>Everything that may happen to the CA and what says who is trusted, while two replicas serve.</summary>
internal sealed class ChangedAuthority(string id, string what, string[] kubectl, int authorities, bool staysTheSame) : IFault
{
    private const string Begin = "-----BEGIN CERTIFICATE-----";

    private const string Secret = "gpumem-webhook-certs";

    private static readonly string Reset = $"--patch=[{{\"op\": \"add\", \"path\": \"/webhooks/0/clientConfig/caBundle\", \"value\": \"\"}}]";

    public static IReadOnlyList<ChangedAuthority> All { get; } =
    [
        new("C21", "the CA is made again: old and new are trusted together", ["patch", "secret", Secret, "-n", InstalledGpuMem.Namespace, "--type=merge", "--patch={\"data\": {\"ca.key\": null, \"tls.key\": null}}"], 2, false),
        new("C21b", "a caBundle is edited by hand: mended within 5 s", ["patch", "validatingwebhookconfiguration", "gpumem", "--type=json", Reset], 0, true),
        new("C23", "the Secret has the key of another certificate: it is mended under the same CA", ["patch", "secret", Secret, "-n", InstalledGpuMem.Namespace, "--type=merge", "--patch={\"data\": {\"tls.key\": \"QUFB\"}}"], 0, false),
        new("C24", "the Secret is deleted under two replicas: they agree on one new CA", ["delete", "secret", Secret, "-n", InstalledGpuMem.Namespace], 2, false),
    ];

    public string Id => id;

    public string Expected => $"{what}, at 100 pods/s; no call fails";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await using var replicas = await WebhookReplicas.StartAsync(cluster, 2);
        using var calls = await PodCalls.PrepareAsync(cluster);
        using var end = new CancellationTokenSource();
        var load = calls.RunAsync(end.Token);
        await Task.Delay(TimeSpan.FromSeconds(5));
        var (before, bundle) = (await ShortCertificates.CertificateAsync(replicas.Ports[0]), (await BundlesAsync(cluster))[0]);
        var expected = authorities == 0 ? bundle.Split(Begin).Length - 1 : authorities;
        await cluster.KubectlAsync(kubectl);
        var mended = await Cluster.UntilAsync(
            async () => await BundlesAsync(cluster) is [var one] && one.Split(Begin).Length - 1 >= expected && (staysTheSame ? one == bundle : await AgreeAsync(replicas, before)), TimeSpan.FromSeconds(60));
        // With connections that are opened after it, too.
        await Task.Delay(TimeSpan.FromSeconds(20));
        await end.CancelAsync();
        await load;
        return new Observation(
            calls.Failed.Count == 0 && await calls.FailedCallsAsync() == 0 && mended <= (staysTheSame ? 5 : 60), $"mended after {mended?.ToString(CultureInfo.InvariantCulture) ?? "more than 60"} s; {await calls.SummaryAsync()}");
    }

    /// <summary>All replicas answer with one certificate, and it is another one.</summary>
    private static async Task<bool> AgreeAsync(WebhookReplicas replicas, string before)
    {
        var served = await Task.WhenAll(replicas.Ports.Select(ShortCertificates.CertificateAsync));
        return served.Distinct().Count() == 1 && served[0] != before;
    }

    /// <summary>Those of all webhooks of both configurations, which should be one.</summary>
    private static async Task<IReadOnlyList<string>> BundlesAsync(Cluster cluster)
    {
        var found = JsonNode.Parse(await cluster.KubectlAsync("get", "validatingwebhookconfiguration/gpumem", "mutatingwebhookconfiguration/gpumem", "-o", "json"))!["items"]!.AsArray();
        return [.. found.SelectMany(item => item!["webhooks"]!.AsArray()).Select(webhook => Encoding.ASCII.GetString(Convert.FromBase64String((string?)webhook!["clientConfig"]!["caBundle"] ?? ""))).Distinct()];
    }
}
