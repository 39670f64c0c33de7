using System.Diagnostics;
using System.Text.Json.Nodes;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>No webhook answers: what goes on, what does not, and what is said about it.</summary>
internal sealed class WebhookDown(string id, string expected, Func<Cluster, Task<Observation>> observe) : IFault
{
    private const string GpuPod = """{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "gpu"}, "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}}""";

    public static IReadOnlyList<WebhookDown> All { get; } =
    [
        new("C01", "a GPU pod in an enforced namespace is refused within the time limit, by our name, and admitted when we are back; elsewhere it is admitted", EnforcedAsync),
        new("C02", "100 pods without GPUs are admitted, in less than a second more than with a webhook", OthersAsync),
        new("C03", "a pod of our own namespace, with GPUs and our label, is admitted", cluster => AdmittedAsync(cluster, InstalledGpuMem.Namespace)),
        new("C04", "a GPU pod of kube-system is admitted, and a Lease can be renewed", SystemAsync),
    ];

    public string Id => id;

    public string Expected => $"no webhook runs: {expected}";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        await cluster.StopWebhookAsync();
        try
        {
            return await observe(cluster);
        }
        finally
        {
            await cluster.StartWebhookAsync();
        }
    }

    private static async Task<Observation> EnforcedAsync(Cluster cluster)
    {
        var (enforced, other) = (await cluster.NewNamespaceAsync(), await cluster.NewNamespaceAsync());
        await cluster.KubectlAsync("label", "namespace", enforced, "gpumem.io/mode=Enforce");
        var watch = Stopwatch.StartNew();
        var refused = await cluster.CreateAsync(enforced, GpuPod);
        var seconds = watch.Elapsed.TotalSeconds;
        var admitted = await cluster.CreateAsync(other, GpuPod);
        await cluster.StartWebhookAsync();
        var later = await cluster.CreateAsync(enforced, GpuPod);
        await cluster.StopWebhookAsync();
        return new Observation(
            refused.ExitCode != 0 && refused.Error.Contains("gpumem.io", StringComparison.Ordinal) && seconds < 4 && admitted.ExitCode == 0 && later.ExitCode == 0,
            $"refused after {seconds:0.0} s with: {refused.Error.Trim()}; elsewhere {Cluster.Said(admitted)}; afterwards {Cluster.Said(later)}");
    }

    private static async Task<Observation> OthersAsync(Cluster cluster)
    {
        var down = await HundredAsync(cluster);
        await cluster.StartWebhookAsync();
        var up = await HundredAsync(cluster);
        await cluster.StopWebhookAsync();
        return new Observation(down < up + 1, $"100 admitted in {down:0.0} s, with a webhook in {up:0.0} s");
    }

    private static async Task<double> HundredAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await cluster.KubectlAsync("label", "namespace", ns, "gpumem.io/mode=Enforce");
        var pods = new JsonArray([.. Enumerable.Range(0, 100).Select(i => JsonNode.Parse($$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p-{{i}}"}, "spec": {"containers": [{"name": "c", "image": "i"} ]} }"""))]);
        var watch = Stopwatch.StartNew();
        var created = await cluster.CreateAsync(ns, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "List", ["items"] = pods }.ToJsonString());
        return created.ExitCode == 0 ? watch.Elapsed.TotalSeconds : throw new InvalidOperationException(created.Error);
    }

    private static async Task<Observation> AdmittedAsync(Cluster cluster, string ns)
    {
        var created = await cluster.CreateAsync(ns, GpuPod.Replace("\"name\": \"gpu\"", "\"generateName\": \"gpu-\", \"labels\": {\"gpumem.io/training-job\": \"x\"}", StringComparison.Ordinal));
        return new Observation(created.ExitCode == 0, Cluster.Said(created));
    }

    private static async Task<Observation> SystemAsync(Cluster cluster)
    {
        var pod = await AdmittedAsync(cluster, "kube-system");
        var lease = await cluster.CreateAsync("kube-system", """{"apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"generateName": "node-"}, "spec": {"holderIdentity": "n"}}""");
        return new Observation(pod.Pass && lease.ExitCode == 0, $"pod: {pod.Text}; Lease: {Cluster.Said(lease)}");
    }
}
