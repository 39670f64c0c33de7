using System.Text.Json;
using GpuMem.TestKit;

namespace GpuMem.Bench.Faults.Faults;

internal sealed class ManyForOneSlot : IFault
{
    private const int Pods = 50;

    public string Id => "C58";

    public string Expected => $"{Pods} pods at once that each take a whole node: all admitted, for who waits for a GPU is the scheduler's to say, and no pool has less than nothing free";

    public async Task<Observation> RunAsync(Cluster cluster)
    {
        var ns = await EnforcedNamespace.NewAsync(cluster);
        var answers = await Task.WhenAll(Enumerable.Range(0, Pods).Select(i => cluster.CreateAsync(ns, EnforcedNamespace.Pod(EnforcedNamespace.Fits, $"p-{i}", gpus: 8))));
        var node = (await cluster.KubectlAsync("get", "nodes", "-l", "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3", "-o", "jsonpath={.items[0].metadata.name}")).Trim();
        // Who is bound to one node without a scheduler takes it more than once.
        foreach (var i in new[] { 0, 1, 2 })
            await cluster.CreateAsync(ns, $$"""{"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p-{{i}}"}, "target": {"apiVersion": "v1", "kind": "Node", "name": "{{node}}"} }""");
        var (exitCode, pools, error) = await Script.RunAsync(GpuMemExecutable.Program, GpuMemExecutable.Arguments("pools", "--kubeconfig", cluster.Administrator, "-o", "json"));
        if (exitCode != 0)
            return new Observation(false, error);
        var free = JsonDocument.Parse(pools).RootElement.EnumerateArray().Where(pool => pool.TryGetProperty("free", out var count) && count.ValueKind == JsonValueKind.Number)
            .ToDictionary(pool => pool.GetProperty("name").GetString()!, pool => pool.GetProperty("free").GetInt64());
        var admitted = answers.Count(answer => answer.ExitCode == 0);
        return new Observation(admitted == Pods && free.Count > 0 && free.Values.All(count => count >= 0), $"{admitted} admitted; free: {string.Join(", ", free.Select(pool => $"{pool.Key} {pool.Value}"))}");
    }
}
