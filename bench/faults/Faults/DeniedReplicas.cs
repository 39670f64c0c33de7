using System.Text;
using System.Text.Json;
using GpuMem.Bench.Common;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>A ReplicaSet from before its namespace enforced anything, whose pods a real kube-controller-manager tries to make.</summary>
internal sealed class DeniedReplicas : IFault
{
    private const int Replicas = 500;

    private const int Seconds = 60;

    public string Id => "C12";

    public string Expected => $"{Replicas} replicas of which none fits: at most 3 different messages, and less than 20 tries a second for {Seconds} s";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster, enforced: false);
        var created = await cluster.CreateAsync(ns, $$"""
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "r"}, "spec": {"replicas": {{Replicas}}, "selector": {"matchLabels": {"app": "r"} }, "template": {"metadata": {"labels": {"app": "r", "gpumem.io/training-job": "{{EnforcedNamespace.TooLarge}}"} },
             "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "4"} } }]} } } }
            """);
        if (created.ExitCode != 0)
            return new Observation(false, Cluster.Said(created));
        await EnforcedNamespace.EnforceAsync(cluster, ns);
        using var api = await RawApi.ConnectAsync(cluster.Administrator);
        var before = await TriesAsync(api);
        await cluster.ControlPlane.StartAgainAsync("kube-controller-manager");
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(Seconds));
            var tries = await TriesAsync(api) - before;
            var events = JsonDocument.Parse(await cluster.KubectlAsync("get", "events", "-n", ns, "-o", "json")).RootElement.GetProperty("items");
            var messages = events.EnumerateArray().Select(one => one.GetProperty("message").GetString()!).Select(text => text[Math.Max(0, text.IndexOf("denied the request: ", StringComparison.Ordinal))..]).ToHashSet();
            var pods = await cluster.KubectlAsync("get", "pods", "-n", ns, "-o", "name");
            return new Observation(messages.Count is > 0 and <= 3 && tries > 0 && tries / Seconds < 20 && pods.Length == 0, $"{tries:0} tries in {Seconds} s, {messages.Count} different messages, such as: {messages.FirstOrDefault()}");
        }
        finally
        {
            await cluster.ControlPlane.KillAsync("kube-controller-manager");
        }
    }

    /// <summary>Pods that the webhook has refused so far.</summary>
    private static async Task<double> TriesAsync(RawApi api) => Encoding.UTF8.GetString(await api.GetAsync("/metrics")).Split('\n')
        .Where(line => line.StartsWith("apiserver_admission_webhook_rejection_count{", StringComparison.Ordinal) && line.Contains("validate-pod", StringComparison.Ordinal))
        .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
}
