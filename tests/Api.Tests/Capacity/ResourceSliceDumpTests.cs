using GpuMem.Api.Nodes;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Capacity;

public sealed class ResourceSliceDumpTests
{
    public static readonly string[] Files = ["b60-dra-resourceslice-nvidia"];

    private const string Gpu = "{name: gpu-0, attributes: {type: {string: gpu}, uuid: {string: GPU-0}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {memory: {value: 81559Mi}}";

    [Fact]
    public void The_devices_of_a_driver_are_a_pool() => Assert.Equal("gpu.nvidia.com: 1 x 79.2 GiB (ResourceSlice)", Read(File.ReadAllText(Path.Combine(NodeDumpTests.Folder, Files[0] + ".yaml"))));

    [Theory]
    [InlineData("gpu.amd.com", "type: {string: amdgpu}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: spx_nps1}", "192Gi", "192.0 GiB (ResourceSlice)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: cpx_nps4}", "24Gi", "24.0 GiB (ResourceSlice)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X}, computePartition: {string: dpx}, memoryPartition: {string: nps2}", "98296Mi", "96.0 GiB (ResourceSlice)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: cpx_nps1}", "196592Mi", "24.0 GiB (ResourceSlice)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu}, productName: {string: AMD_Instinct_MI300X_OAM}", "80Gi", "192.0 GiB (ResourceSlice)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu}, productName: {string: Next}", "80Gi", "unknown (Unknown)")]
    [InlineData("gpu.amd.com", "type: {string: amdgpu}, productName: {string: Next}", "0", "unknown (Unknown)")]
    [InlineData("gpu.nvidia.com", "type: {string: gpu}, productName: {string: NVIDIA GB10}", null, "101.3 GiB (ResourceSlice)")]
    [InlineData("gpu.nvidia.com", "type: {string: mig}, productName: {string: NVIDIA H100 80GB HBM3}, profile: {string: 1g.10gb}, parentUUID: {string: GPU-9}", "9984Mi", "9.6 GiB (ResourceSlice)")]
    [InlineData("gpu.intel.com", "model: {string: Max_1100}", "48Gi", "47.2 GiB (ResourceSlice)")]
    [InlineData("gpu.nvidia.com", "gpu.nvidia.com/type: {string: gpu}, gpu.nvidia.com/productName: {string: NVIDIA L4}", "23034Mi", "22.0 GiB (ResourceSlice)")]
    [InlineData("gpu.nvidia.com", "type: {string: gpu}, productName: {string: NVIDIA L4}", "80", "22.0 GiB (ResourceSlice)")]
    [InlineData("gpu.nvidia.com", "type: {string: gpu}, productName: {string: NVIDIA L4}", "80Gi", "unknown (Unknown)")]
    [InlineData("gpu.nvidia.com", "type: {string: mig}, productName: {string: NVIDIA H100 80GB HBM3}, profile: {string: 1g.10gb}", "80Gi", "unknown (Unknown)")]
    public void Each_driver_has_its_own_words(string driver, string attributes, string? memory, string said) =>
        Assert.Equal($"{driver}: 1 x {said}", Read(Slice(driver, 1, 1, $"{{name: d, attributes: {{{attributes}}}, capacity: {{{(memory is null ? "" : $"memory: {{value: {memory}}}")}}}}}")));

    [Fact]
    public void The_newest_generation_counts() => Assert.Equal("gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice)", Read(
        Slice("gpu.nvidia.com", 1, 1, "{name: old, attributes: {productName: {string: NVIDIA L4}}, capacity: {memory: {value: 23034Mi}}}"), Slice("gpu.nvidia.com", 2, 1, Gpu + "}")));

    [Fact]
    public void Of_a_pool_that_is_not_whole_nothing_is_known()
    {
        var inventory = Inventory(Slice("gpu.nvidia.com", 2, 3, Gpu + "}"));

        Assert.Equal("gpu.nvidia.com: 1 x unknown (Unknown)", Pools.Said(inventory));
        Assert.Contains("1 of the 3 ResourceSlices", inventory.Entries[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_slice_that_a_GPU_could_be_cut_into_is_not_counted_beside_it() => Assert.Equal("gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice)", Read(Slice("gpu.nvidia.com", 1, 1,
        Gpu + ", consumesCounters: [{counterSet: gpu-0, counters: {memory: {value: 80Gi}}}]}",
        "{name: m, attributes: {type: {string: mig}, profile: {string: 1g.10gb}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {memory: {value: 9984Mi}}, consumesCounters: [{counterSet: gpu-0}]}",
        "{name: n, attributes: {type: {string: mig}, parentUUID: {string: GPU-0}, profile: {string: 1g.10gb}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {memory: {value: 9984Mi}}}",
        "{name: v, attributes: {type: {string: vfio}, productName: {string: NVIDIA H100 80GB HBM3}}}")));

    [Fact]
    public void Slices_of_a_GPU_that_is_cut_are_a_pool_beside_the_whole_ones() => Assert.Equal(
        "gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice); gpu.nvidia.com: 1 x 9.6 GiB (ResourceSlice)", Read(Slice("gpu.nvidia.com", 1, 1, Gpu + "}",
        "{name: m, attributes: {type: {string: mig}, parentUUID: {string: GPU-1}, profile: {string: 1g.10gb}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {memory: {value: 9984Mi}}}")));

    [Fact]
    public void A_tainted_device_does_not_count()
    {
        var tainted = Gpu.Replace("gpu-0", "gpu-1", StringComparison.Ordinal) + ", taints: [{key: broken, effect: NoExecute}]}";

        Assert.Equal("gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice)", Read(Slice("gpu.nvidia.com", 1, 1, Gpu + "}", tainted)));
        Assert.Contains("tainted", Inventory(Slice("gpu.nvidia.com", 1, 1, tainted)).Entries[0].Reason, StringComparison.Ordinal);
    }

    /// <summary>AutoPartition of ROCm/k8s-gpu-dra-driver, docs/driver-attributes.md: eight partitions of one kind at a time, each with an eighth of the memory.</summary>
    [Fact]
    public void A_GPU_that_is_cut_as_claims_come_gives_each_a_partition_of_the_size_that_it_says() => Assert.Equal("gpu.amd.com: 8 x 24.0 GiB (ResourceSlice)", Read(Slice("gpu.amd.com", 1, 1,
        "{name: gpu-0-cpx-nps4, allowMultipleAllocations: true, attributes: {type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X}, computePartition: {string: cpx}, memoryPartition: {string: nps4}}, "
        + "capacity: {memory: {value: 24574Mi}, partitions: {value: 8}}, consumesCounters: [{counterSet: gpu-0-mutex}]}")));

    /// <summary>KEP-5075, as kubernetes-sigs/dra-driver-nvidia-gpu publishes it (consumable_shares.go): who does not say how much gets the policy's default, and without one all.</summary>
    [Theory]
    [InlineData("", "79.1 GiB (ResourceSlice)", 79.1)]
    [InlineData(", requestPolicy: {default: 81559Mi, validRange: {min: 1Mi, max: 81559Mi, step: 1Mi}}", "79.1 GiB (ResourceSlice)", 79.1)]
    [InlineData(", requestPolicy: {default: 0, validRange: {min: 0, max: 81559Mi, step: 1Mi}}", "unknown (Unknown)", 79.1)]
    public void Of_a_device_that_several_claims_may_have_each_may_find_all_at_the_most(string policy, string said, double most)
    {
        var inventory = Inventory(Slice("gpu.nvidia.com", 1, 1, Gpu.Replace("{value: 81559Mi}", $"{{value: 81559Mi{policy}}}", StringComparison.Ordinal) + ", allowMultipleAllocations: true}"));

        Assert.Equal($"gpu.nvidia.com: 1 x {said}", Pools.Said(inventory));
        Assert.Equal(most, Math.Round((inventory.Pools[0].LargestMemory ?? inventory.Pools[0].UsableMemory)!.Value.GiB, 1));
    }

    /// <summary>ROCm/k8s-gpu-dra-driver#21: an MI300X in two partitions, in a cluster of Kubernetes 1.32.</summary>
    [Theory]
    [InlineData("v1beta1", "basic: {attributes: {type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: dpx_nps1}}, capacity: {memory: {value: 98296Mi}}}")]
    [InlineData("v1alpha3", "basic: {attributes: {type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: dpx_nps1}}, capacity: {memory: 98296Mi}}")]
    [InlineData("v1beta2", "attributes: {type: {string: amdgpu-partition}, productName: {string: AMD_Instinct_MI300X_OAM}, partitionProfile: {string: dpx_nps1}}, capacity: {memory: {value: 98296Mi}}")]
    public void Earlier_versions_say_the_same(string version, string device)
    {
        var written = (System.Text.Json.Nodes.JsonObject)KubernetesYaml.LoadAllFromString(Slice("gpu.amd.com", 1, 1, $"{{name: gpu-32-160, {device}}}").Replace("resource.k8s.io/v1", $"resource.k8s.io/{version}", StringComparison.Ordinal))[0];

        Assert.Equal("gpu.amd.com: 1 x 96.0 GiB (ResourceSlice)", Read(GpuMem.Api.Nodes.Slices.EarlierSlice.AsV1(written)!.ToJsonString()));
    }

    /// <summary>Since KEP-4815 is beta counters have a slice of their own; it counts as one of those that must be there.</summary>
    [Fact]
    public void Counters_may_have_a_slice_of_their_own() => Assert.Equal("gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice)", Read(
        Slice("gpu.nvidia.com", 1, 2).Replace("devices: []", "sharedCounters: [{name: gpu-0, counters: {memory: {value: 80Gi}}}]", StringComparison.Ordinal),
        Slice("gpu.nvidia.com", 1, 2, Gpu + ", consumesCounters: [{counterSet: gpu-0, counters: {memory: {value: 80Gi}}}]}")));

    [Theory]
    [InlineData("gaudi.intel.com", "model: {string: Gaudi2}", null, "gaudi.intel.com: 1 x 94.6 GiB (ResourceSlice)")]
    [InlineData("hami-core-gpu.project-hami.io", "type: {string: hami-gpu}, productName: {string: NVIDIA A10}", "23028Mi", "hami-core-gpu.project-hami.io: 1 x 22.2 GiB (ResourceSlice)")]
    [InlineData("gpu.example.com", "model: {string: LATEST-GPU-MODEL}", "80Gi", "gpu.example.com: 1 x 78.6 GiB (ResourceSlice)")]
    [InlineData("npu.rebellions.ai", "productName: {string: RBLN-CA25}", "64Gi", "npu.rebellions.ai: 1 x unknown (Unknown)")]
    public void Drivers_of_other_accelerators_have_pools_too(string driver, string attributes, string? memory, string said)
    {
        var inventory = Inventory(Slice(driver, 1, 1, $"{{name: d, attributes: {{{attributes}}}, capacity: {{{(memory is null ? "" : $"memory: {{value: {memory}}}")}}}}}"));

        Assert.Equal(said, Pools.Said(inventory));
        Assert.Equal(driver.Contains("hami", StringComparison.Ordinal), PoolReach.Of(inventory, new k8s.Models.V1PodSpec(), null).Pools.Count > 0);
    }

    [Fact]
    public void Another_driver_has_no_GPUs() => Assert.Equal("", Read(Slice("compute-domain.nvidia.com", 1, 1, "{name: channel-0}")));

    [Fact]
    public void The_labels_of_a_node_whose_driver_has_its_GPUs_make_no_second_pool()
    {
        var node = Nodes.With("n1", [("cpu", 100)], ("nvidia.com/gpu.product", "NVIDIA-GB200"), ("nvidia.com/gpu.count", "4"), ("nvidia.com/gpu.memory", "189471"), ("agentpool", "gb"));
        var inventory = InventoryBuilder.Build([node], Slices(Slice("gpu.nvidia.com", 1, 1, Gpu + "}")), []);

        Assert.Equal("gpu.nvidia.com: 1 x 79.1 GiB (ResourceSlice)", Pools.Said(inventory));
        Assert.Equal("gb", inventory.Entries[0].Pool.Name);
    }

    [Fact]
    public void A_pod_that_asks_for_the_extended_resource_reaches_the_drivers_devices()
    {
        var inventory = Inventory(Slice("gpu.nvidia.com", 1, 1, Gpu + "}"));

        Assert.Single(PoolReach.Of(inventory, new k8s.Models.V1PodSpec(), "nvidia.com/gpu").Pools);
        Assert.Empty(PoolReach.Of(inventory, new k8s.Models.V1PodSpec(), "amd.com/gpu").Pools);
    }

    private static string Slice(string driver, int generation, int count, params string[] devices) => $$"""
        apiVersion: resource.k8s.io/v1
        kind: ResourceSlice
        metadata: {name: s{{generation}}}
        spec:
          driver: {{driver}}
          nodeName: n1
          pool: {name: n1, generation: {{generation}}, resourceSliceCount: {{count}}}
          devices: [{{string.Join(", ", devices)}}]
        """;

    private static IReadOnlyCollection<k8s.Models.V1ResourceSlice> Slices(params string[] slices) => [.. slices.SelectMany(slice => KubernetesYaml.LoadAllFromString<k8s.Models.V1ResourceSlice>(slice))];

    private static PoolInventory Inventory(params string[] slices) => InventoryBuilder.Build([], Slices(slices), []);

    private static string Read(params string[] slices) => Pools.Said(Inventory(slices));
}
