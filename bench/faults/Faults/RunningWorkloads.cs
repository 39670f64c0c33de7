namespace GpuMem.Bench.Faults.Faults;

/// <summary>What ran before its namespace enforced anything, and could not be created any more.</summary>
internal sealed class RunningWorkloads(string id, string expected, Func<Cluster, Task<Observation>> observe) : IFault
{
    public static IReadOnlyList<RunningWorkloads> All { get; } =
    [
        new("C53", "finalizers can be taken off, status be written, a Deployment be scaled to 0, and all of it be deleted", WrittenAsync),
        new("C54", "GPUs come into a pod by no other door: the API server itself refuses them in pods/resize and pods/ephemeralcontainers", SubresourcesAsync),
    ];

    public string Id => id;

    public string Expected => expected;

    public Task<Observation> RunAsync(Cluster cluster) => observe(cluster);

    private static async Task<Observation> WrittenAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster, enforced: false);
        var created = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, gpus: 4, metadata: """, "finalizers": ["example.com/keep"]"""));
        var deployed = await cluster.CreateAsync(ns, $$"""
            {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "d"} }, "template": {"metadata": {"labels": {"app": "d", "gpumem.io/training-job": "{{EnforcedNamespace.TooLarge}}"} },
             "spec": {"containers": [{"name": "c", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "4"} } }]} } } }
            """);
        if (created.ExitCode != 0 || deployed.ExitCode != 0)
            return new Observation(false, $"{Cluster.Said(created)}; {Cluster.Said(deployed)}");
        await EnforcedNamespace.EnforceAsync(cluster, ns);
        var refused = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.TooLarge, "q", gpus: 4));
        List<string> failed = [];
        foreach (var args in new string[][]
        {
            ["scale", "deployment/d", "--replicas=0"], ["label", "pod/p", "a=b"], ["annotate", "trainingjob", EnforcedNamespace.TooLarge, "a=b"],
            ["patch", "pod/p", "--type=merge", "--subresource=status", """--patch={"status": {"phase": "Running"}}"""],
            ["delete", "pod/p", "--wait=false", "--grace-period=0", "--force"], ["patch", "pod/p", "--type=merge", """--patch={"metadata": {"finalizers": null}}"""],
            ["delete", "deployment/d", "--cascade=background"], ["delete", "trainingjob", EnforcedNamespace.TooLarge],
        })
        {
            var (exitCode, _, error) = await cluster.ControlPlane.KubectlAsync([.. args, "-n", ns]);
            if (exitCode != 0)
                failed.Add($"{string.Join(' ', args)}: {error.Trim()}");
        }
        var left = await cluster.KubectlAsync("get", "pods", "-n", ns, "-o", "name");
        return new Observation(
            Cluster.IsDenied(refused) && failed.Count == 0 && left.Length == 0,
            failed.Count == 0 ? $"all of it; a new pod of the same kind: {(Cluster.IsDenied(refused) ? "refused" : Cluster.Said(refused))}{left}" : string.Join("; ", failed));
    }

    private static async Task<Observation> SubresourcesAsync(Cluster cluster)
    {
        if (cluster.ServerVersion < new Version(1, 33))
            return new Observation(false, $"{cluster.ServerVersion} has no pods/resize; this takes 1.33");
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var created = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, gpus: 8));
        const string Gpus = """{"limits": {"nvidia.com/gpu": "2"}, "requests": {"nvidia.com/gpu": "2"}}""";
        var resized = await PatchAsync(cluster, ns, "resize", $$"""{"spec": {"containers": [{"name": "c", "resources": {{Gpus}}}]} }""");
        var gpus = await cluster.KubectlAsync("get", "pod", "p", "-n", ns, "-o", "jsonpath={.spec.containers[0].resources}");
        var debugged = await PatchAsync(cluster, ns, "ephemeralcontainers", $$"""{"spec": {"ephemeralContainers": [{"name": "debug", "image": "i", "targetContainerName": "c", "resources": {{Gpus}}}]} }""");
        var plain = await PatchAsync(cluster, ns, "ephemeralcontainers", """{"spec": {"ephemeralContainers": [{"name": "debug", "image": "i", "targetContainerName": "c"}]}}""");
        return new Observation(
            created.ExitCode == 0 && resized.ExitCode != 0 && debugged.ExitCode != 0 && plain.ExitCode == 0,
            $"resize: {gpus} {Cluster.Said(resized).ReplaceLineEndings(" ")}; debug with GPUs: {Cluster.Said(debugged).ReplaceLineEndings(" ")}; without: {Cluster.Said(plain)}");
    }

    private static Task<(int ExitCode, string Output, string Error)> PatchAsync(Cluster cluster, string ns, string subresource, string patch) =>
        cluster.ControlPlane.KubectlAsync("patch", "pod", "p", "-n", ns, $"--subresource={subresource}", "--type=strategic", $"--patch={patch}");
}
