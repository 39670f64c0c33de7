using GpuMem.Api.Decisions;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.Planning;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Capacity;

/// <summary>Pods and nodes as people have them, in <c>workloads</c>: what only a node that does not exist yet could hold is no reason to refuse a pod.</summary>
public sealed class GrowingPoolTests
{
    private static readonly string Folder = Path.Combine(RepositoryRoot.Path, "tests", "Api.Tests", "Capacity", "workloads");

    [Theory]
    [InlineData("c1-pod-affinity-gt", "c1-karpenter-l4-node", Verdict.Unknown)]
    [InlineData("c2-pod-affinity-in", "c1-karpenter-l4-node", Verdict.Unknown)]
    [InlineData("c3-pod-nodeselector", "c1-karpenter-l4-node", Verdict.Unknown)]
    [InlineData("c9-pod-unconstrained", "c1-karpenter-l4-node", Verdict.DoesNotFit)]
    [InlineData("c10-pod-gke-affinity", "c10-gke-gfd-node", Verdict.Unknown)]
    [InlineData("c9-pod-unconstrained", "c10-gke-gfd-node", Verdict.DoesNotFit)]
    [InlineData("c9-pod-unconstrained", "../nodes/c11-scaleup-race", Verdict.DoesNotFit)]
    public void A_pod_is_held_against_the_nodes_that_it_could_get(string pod, string nodes, Verdict verdict)
    {
        var documents = KubernetesYaml.LoadAllFromString(Text(pod));
        var job = ApiJson.Default.Deserialize<TrainingJob>(ApiJson.Default.Serialize(documents[0].AsObject()))!;
        var spec = ApiJson.Default.Deserialize<V1Pod>(ApiJson.Default.Serialize(documents[1].AsObject()))!.Spec!;

        Assert.Equal(verdict, WorkloadDecision.Of(job, spec, InventoryBuilder.Build(KubernetesYaml.LoadAllFromString<V1Node>(Text(nodes)), []), NoConfigMaps.Instance).Verdict);
    }

    [Theory]
    [InlineData("c4-gpupool-mig", "b20-mig-mixed", "mig3g", 38.8)]
    [InlineData("c5-gpupool-amd", "b30-amd-mi300x", "mi300x", 192.0)]
    [InlineData("c6-gpupool-gke", "b40-gke-l4", "l4", 22.0)]
    [InlineData("c7-gpupool-gke-NVIDIA-L4", "b40-gke-l4", "l4", 22.0)]
    [InlineData("c8-gpupool-gke-mem", "b40-gke-l4", "l4", 22.0)]
    public void A_declared_pool_has_the_nodes_that_it_selects(string declared, string node, string name, double gib)
    {
        var inventory = InventoryBuilder.Build(
            KubernetesYaml.LoadAllFromString<V1Node>(Text("../nodes/" + node)),
            [ApiJson.Default.Deserialize<GpuPool>(ApiJson.Default.Serialize(KubernetesYaml.LoadAllFromString(Text(declared))[0].AsObject()))!]);

        Assert.Equal(gib, inventory.Find(name)!.Pool.UsableMemory!.Value.GiB, 0.1);
        Assert.Single(inventory.Find(name)!.Nodes);
    }

    [Fact]
    public void A_declared_product_counts_where_the_node_says_nothing()
    {
        var pool = new GpuPool { Metadata = new V1ObjectMeta { Name = "l4" }, Spec = new GpuPoolSpec { Product = "nvidia-l4", Selector = new Dictionary<string, string> { ["agentpool"] = "x" } } };

        Assert.Equal("nvidia.com/gpu: 1 x 22.0 GiB (Catalogue)", Pools.Said(InventoryBuilder.Build([Nodes.Of("n", 1, ("agentpool", "x"))], [pool])));
    }

    private static string Text(string file) => File.ReadAllText(Path.Combine(Folder, file + ".yaml"));
}
