using GpuMem.Bench.Common;

namespace GpuMem.Bench.Faults;

/// <summary>Nodes of 14 KB and pods of 9 KB, as many as large clusters have; made once for all faults that need them.</summary>
internal sealed class CrowdedCluster(int nodes, int pods)
{
    public const string PodsPath = "/api/v1/namespaces/kube-system/pods";

    private const int Note = 5_600;

    private Task? _filled;

    public int Nodes => nodes;

    public int Pods => pods;

    public Task FillAsync(Cluster cluster) => _filled ??= CreateAsync(cluster);

    /// <summary>All are on a node, where the operator has to look at them; every tenth holds a GPU.</summary>
    public byte[] Pod(int number) => (number % 10 == 0 ? Bodies.GpuPod(number / 10 % nodes, Note) : Bodies.CpuPodOn(number % nodes, Note)).Of(number);

    private async Task CreateAsync(Cluster cluster)
    {
        // The webhook keeps out of this namespace: it would only make the filling slow. Before 1.21 the label does not come by itself.
        await cluster.KubectlAsync("label", "--overwrite", "namespace", "kube-system", "kubernetes.io/metadata.name=kube-system");
        using var api = await RawApi.ConnectAsync(cluster.Administrator);
        var bodies = Bodies.Nodes();
        await Crowd.CreateAsync(api, "nodes", "/api/v1/nodes", nodes, number => bodies[number % bodies.Length].Of(number));
        await Crowd.CreateAsync(api, "pods", PodsPath, pods, Pod);
        var (node, pod) = ((await api.GetAsync("/api/v1/nodes/scale-node-0")).Length, (await api.GetAsync($"{PodsPath}/scale-pod-0")).Length);
        Console.Error.WriteLine($"a node has {node / 1000.0:0.0} KB, a pod {pod / 1000.0:0.0} KB");
    }
}
