using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Models;
using k8s.Models;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class FailedPods(int pods) : IFault
{
    private const int Largest = 32 * 1024;

    public string Id => "C66";

    public string Expected => $"a job with {pods} failed pods has a status of at most 32 KiB";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await cluster.NewNamespaceAsync();
        await using var process = await cluster.StartOperatorAsync();
        await cluster.CreateJobsAsync(ns, 1);
        await cluster.AllLaunchedAsync(ns, 1, TimeSpan.FromMinutes(1));
        await Parallel.ForEachAsync(Enumerable.Range(0, pods), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (index, token) =>
        {
            await cluster.Client.CreateAsync(PodOf($"pod-{index}", ns), token);
            var failed = new V1Pod
            {
                Metadata = new V1ObjectMeta { Name = $"pod-{index}", NamespaceProperty = ns },
                Status = new V1PodStatus { Phase = "Failed", Reason = "OOMKilled", Message = new string('x', 1000) },
            };
            await cluster.Client.ApplyStatusAsync(failed, "bench", force: true, token);
        });
        // Its status is to be written again with all of them in sight.
        await cluster.KubectlAsync("patch", "gtj/job-0", "-n", ns, "--type=merge", "-p", """{"spec":{"suspend":true}}""");
        await Task.Delay(TimeSpan.FromSeconds(5));
        var status = JsonNode.Parse(await cluster.KubectlAsync("get", "gtj/job-0", "-n", ns, "-o", "json"))!["status"]!.ToJsonString();
        return new Observation(status.Length <= Largest, $"{status.Length} bytes with {pods} failed pods");
    }

    private static V1Pod PodOf(string name, string ns) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns, Labels = new Dictionary<string, string> { ["gpumem.io/training-job"] = "job-0" } },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "c", Image = "i" }] },
    };
}
