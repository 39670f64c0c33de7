using GpuMem.TestKit;

namespace GpuMem.Bench.Faults;

/// <summary>A namespace in which what cannot fit is refused, with a TrainingJob that fits (<c>llama-8b</c>) and one that fits nowhere (<c>llama-70b</c>).</summary>
internal static class EnforcedNamespace
{
    public const string Fits = "llama-8b";

    public const string TooLarge = "llama-70b";

    public static async Task<string> NewAsync(Cluster cluster, bool enforced = true)
    {
        var ns = await cluster.NewNamespaceAsync();
        var job = Manifests.Llama8B();
        await cluster.ControlPlane.ApplyAsync(job[..job.IndexOf("  template:", StringComparison.Ordinal)], "--namespace", ns);
        await cluster.ControlPlane.ApplyAsync(Manifests.Llama70BOnSmallCards(), "--namespace", ns);
        await ModeAsync(cluster, ns, enforced ? "Enforce" : "Warn");
        // The webhook's caches take a moment to hear of them.
        await Task.Delay(TimeSpan.FromSeconds(1));
        return ns;
    }

    /// <summary>What cannot fit is refused from now on.</summary>
    public static async Task EnforceAsync(Cluster cluster, string ns)
    {
        await ModeAsync(cluster, ns, "Enforce");
        await Task.Delay(TimeSpan.FromSeconds(1));
    }

    private static Task<string> ModeAsync(Cluster cluster, string ns, string mode) => cluster.KubectlAsync("label", "namespace", ns, $"gpumem.io/mode={mode}", "--overwrite");

    /// <param name="job">The TrainingJob that its label names.</param>
    /// <param name="name">Its own.</param>
    /// <param name="gpus">0 for none.</param>
    /// <param name="metadata">Further members, with a comma before them.</param>
    /// <param name="spec">The same.</param>
    public static string Pod(string job, string name = "p", int gpus = 1, string metadata = "", string spec = "") => $$"""
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "{{name}}", "labels": {"gpumem.io/training-job": "{{job}}"}{{metadata}}},
         "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": { {{(gpus == 0 ? "" : $"\"nvidia.com/gpu\": \"{gpus}\"")}} } } }]{{spec}}} }
        """;
}
