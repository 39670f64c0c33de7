using System.Text.RegularExpressions;

namespace GpuMem.Bench.Faults.Faults;

/// <summary>As much as an object may hold, and what is said about it.</summary>
internal sealed partial class LongAnswers(string id, string expected, Func<Cluster, Task<Observation>> observe) : IFault
{
    private const int LongestMessage = 1_000;

    private const int LongestWarning = 120;

    public static IReadOnlyList<LongAnswers> All { get; } =
    [
        new("C45", $"a pod of 500 containers is refused in at most {LongestMessage} characters, and a job with 64 pools that do not exist is warned about in lines of at most {LongestWarning}", ManyContainersAsync),
        new("C46", "a pod with a name of 253 characters gets its GPUs; a TrainingJob with a name of 52 is launched, one of 53 is refused with the reason", LongNamesAsync),
    ];

    public string Id => id;

    public string Expected => expected;

    public Task<Observation> RunAsync(Cluster cluster) => observe(cluster);

    private static async Task<Observation> ManyContainersAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var containers = string.Join(", ", Enumerable.Range(0, 500).Select(i => $$"""{"name": "c{{i}}", "image": "i", "resources": {"limits": {"nvidia.com/gpu": "1"} } }"""));
        var denied = await cluster.CreateAsync(ns, $$"""{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "labels": {"gpumem.io/training-job": "{{EnforcedNamespace.TooLarge}}"} }, "spec": {"containers": [{{containers}}]} }""");
        var message = denied.Error[(denied.Error.IndexOf("denied the request: ", StringComparison.Ordinal) is >= 0 and var at ? at + 20 : 0)..].Trim();
        var pools = string.Join(", ", Enumerable.Range(0, 64).Select(i => $"{new string('p', 50)}-{i}"));
        var warned = await cluster.CreateAsync(ns, $$"""{"apiVersion": "gpumem.io/v1alpha1", "kind": "TrainingJob", "metadata": {"name": "many"}, "spec": {"model": {"name": "meta-llama/Llama-3.1-8B"}, "training": {"sequenceLength": 8192}, "placement": {"pools": ["{{pools.Replace(", ", "\", \"", StringComparison.Ordinal)}}"]} } }""");
        string[] warnings = [.. Warning().Matches(warned.Error).Select(line => line.Groups[1].Value)];
        return new Observation(
            Cluster.IsDenied(denied) && message.Length <= LongestMessage && warned.ExitCode == 0 && warnings.Length > 0 && warnings.All(line => line.Length <= LongestWarning),
            $"refused in {message.Length} characters; {warnings.Length} warnings, the longest of {warnings.Select(line => line.Length).DefaultIfEmpty().Max()}{(warned.ExitCode == 0 ? "" : $", not created: {Cluster.Said(warned)}")}");
    }

    private static async Task<Observation> LongNamesAsync(Cluster cluster)
    {
        await using var process = await cluster.StartOperatorAsync();
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var name = string.Join('.', Enumerable.Repeat(new string('n', 49), 5)) + ".nnn";
        var pod = await cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, name, gpus: 0));
        var gpus = pod.ExitCode == 0 ? await cluster.KubectlAsync("get", "pod", name, "-n", ns, "-o", "jsonpath={.spec.containers[0].resources.limits.nvidia\\.com/gpu}") : "";
        await cluster.CreateJobsAsync(ns, 1, new string('j', 50));
        var launched = await cluster.AllLaunchedAsync(ns, 1, TimeSpan.FromSeconds(30));
        var longer = await cluster.CreateAsync(ns, GpuMem.TestKit.Manifests.Llama8B(new string('j', 53)));
        return new Observation(
            name.Length == 253 && gpus.Length > 0 && launched is not null && longer.ExitCode != 0 && longer.Error.Contains("52", StringComparison.Ordinal),
            $"the pod {(gpus.Length > 0 ? $"got {gpus} GPUs" : Cluster.Said(pod))}; 52 characters: launched after {launched} s; 53: {Cluster.Said(longer).ReplaceLineEndings(" ")}");
    }

    [GeneratedRegex("^Warning: (.*)$", RegexOptions.Multiline)]
    private static partial Regex Warning();
}
