using System.Text.Json.Nodes;

namespace GpuMem.Cli.Tests;

public sealed class PoolsTests : IDisposable
{
    private const string Mixed = """
        kind: Node
        metadata:
          name: n
          labels: {karpenter.sh/nodepool: a100, nvidia.com/gpu.product: NVIDIA-A100-SXM4-80GB, nvidia.com/gpu.memory: "81920"}
        status: {allocatable: {nvidia.com/gpu: "4", nvidia.com/mig-1g.10gb: "28"}}
        ---
        kind: Node
        metadata: {name: unlabelled}
        status: {allocatable: {nvidia.com/gpu: "2"}}
        """;

    private const string Slice = """
        apiVersion: resource.k8s.io/v1
        kind: ResourceSlice
        metadata: {name: s}
        spec:
          driver: gpu.nvidia.com
          nodeName: d
          pool: {name: d, generation: 1, resourceSliceCount: 1}
          devices: [{name: gpu-0, attributes: {productName: {string: NVIDIA L4}}, capacity: {memory: {value: 23034Mi}}}]
        """;

    private const string Pod = """
        kind: Pod
        metadata: {name: p}
        spec: {nodeName: n, containers: [{name: c, resources: {limits: {nvidia.com/gpu: "3"}}}]}
        status: {phase: Running}
        """;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Files_are_not_watched() => Assert.Contains("--watch is for a cluster", (await PoolsAsync(Mixed, "--watch")).Error);

    [Fact]
    public async Task Each_pool_has_a_line_with_its_memory_and_who_says_so()
    {
        var run = await PoolsAsync(Mixed);
        Assert.Equal((0, ""), (run.Status, run.Error));
        Assert.Matches("(?m)^NAME +RESOURCE +PRODUCT +MEMORY +GPUS +FREE +SOURCE +PRICE +REASON$", run.Output);
        Assert.Matches("(?m)^a100 +nvidia.com/gpu +NVIDIA-A100-SXM4-80GB +79.2 GiB +4 +- +FeatureDiscovery +-$", run.Output);
        Assert.Matches("(?m)^a100-mig-1g.10gb +nvidia.com/mig-1g.10gb +NVIDIA-A100-SXM4-80GB-MIG-1g.10gb +9.3 GiB +28 ", run.Output);
        Assert.Matches("(?m)^unlabelled +nvidia.com/gpu .* unknown +2 +- +Unknown +- +nvidia.com/gpu.memory: the label is missing", run.Output);
    }

    [Fact]
    public async Task Templates_of_nodes_that_do_not_exist_yet_are_pools()
    {
        var pools = (await PoolsAsync("""
            apiVersion: karpenter.sh/v1
            kind: NodePool
            metadata: {name: h100}
            spec: {limits: {nvidia.com/gpu: "64"}, template: {spec: {requirements: [{key: node.kubernetes.io/instance-type, operator: In, values: [p5.48xlarge]}]}}}
            """, "-o", "json")).Json.AsArray();

        var pool = Assert.Single(pools)!;
        Assert.Equal(("h100", "nvidia.com/gpu"), ((string?)pool["name"], (string?)pool["resource"]));
        Assert.InRange((double)pool["memoryGiB"]!, 78, 80);
    }

    [Fact]
    public async Task Machines_get_a_list_of_objects()
    {
        var pools = (await PoolsAsync(Mixed + "\n---\n" + Slice, "-o", "json")).Json.AsArray().Select(pool => pool!.AsObject()).ToList();
        Assert.Equal(["a100", "a100-mig-1g.10gb", "unlabelled", "unlabelled-nvidia-l4"], pools.Select(pool => (string)pool["name"]!));
        Assert.Equal((79.15, 4L, "FeatureDiscovery"), ((double)pools[0]["memoryGiB"]!, (long)pools[0]["gpus"]!, (string)pools[0]["source"]!));
        Assert.Equal((null, "Unknown"), ((JsonNode?)pools[2]["memoryGiB"], (string)pools[2]["source"]!));
        Assert.Contains("missing", (string)pools[2]["reason"]!);
        Assert.Equal("gpu.nvidia.com", (string)pools[3]["resource"]!);
    }

    [Fact]
    public async Task With_the_pods_it_is_known_what_is_free() =>
        Assert.Equal(1, (int)(await PoolsAsync(Mixed + "\n---\n" + Pod, "-o", "json")).Json[0]!["free"]!);

    [Fact]
    public async Task Wide_and_yaml_say_more_and_the_same()
    {
        Assert.Matches("(?m)^NAME .* NODES +REASON$", (await PoolsAsync(Mixed, "-o", "wide")).Output);
        Assert.Contains("resource: nvidia.com/mig-1g.10gb", (await PoolsAsync(Mixed, "-o", "yaml")).Output);
    }

    [Theory]
    [InlineData("kind: Service\nmetadata: {name: s}", "no Node, no ResourceSlice and no GpuPool in")]
    [InlineData("apiVersion: resource.k8s.io/v1alpha2\nkind: ResourceSlice\nmetadata: {name: s}", "read are resource.k8s.io/v1, v1beta2")]
    [InlineData("kind: Node\nmetadata: 5", "")]
    [InlineData("kind: GpuPool\nmetadata: {name: x}\nspec: {product: NVIDIA-L4, maxNode: 2}", "spec.maxNode: no such field")]
    public async Task What_cannot_be_answered_says_why(string yaml, string message)
    {
        var run = await PoolsAsync(yaml);
        Assert.Equal((1, ""), (run.Status, run.Output));
        Assert.Contains(message, run.Error);
        Assert.StartsWith("gpumem: ", run.Error);
    }

    [Fact]
    public async Task What_cannot_be_declared_does_not_count_and_is_said()
    {
        const string pools = """
            kind: GpuPool
            metadata: {name: h100}
            spec: {product: NVIDIA-H100-80GB-HBM3, gpusPerNode: 8, maxNodes: -2, pricePerGPUHour: "3.90"}
            ---
            kind: GpuPool
            metadata: {name: zero}
            spec: {product: NVIDIA-L4, gpusPerNode: 0}
            """;
        var table = await PoolsAsync(pools);
        Assert.Matches("(?m)^h100 .* 3.9 +not counted: spec.maxNodes is -2", table.Output);
        Assert.Contains("GpuPool zero: no node belongs to it; to plan for it before it has one, declare spec.gpusPerNode", table.Output);
        Assert.Contains("spec.gpusPerNode is 0", (string)(await PoolsAsync(pools, "-o", "json")).Json[1]!["reason"]!);
    }

    [Fact]
    public async Task A_card_with_more_memory_than_it_has_is_a_conflict_that_is_shown() => Assert.Matches(
        "(?m)^l4 .* 22.0 GiB .* spec.memoryPerGPU is 80Gi",
        (await PoolsAsync("kind: GpuPool\nmetadata: {name: l4}\nspec: {product: NVIDIA-L4, memoryPerGPU: 80Gi, gpusPerNode: 8}")).Output);

    [Fact]
    public async Task Files_and_a_cluster_are_not_one_question() =>
        Assert.Contains("either files", (await PoolsAsync(Mixed, "--context", "x")).Error);

    private Task<Run> PoolsAsync(string yaml, params string[] more) => Run.Of(["pools", "-f", _folder.Write("nodes.yaml", yaml), .. more]);
}
