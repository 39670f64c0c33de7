using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Decisions;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Claims;

/// <summary>Pods that ask for GPUs by claims, in a cluster with a driver's H100s of 80 GB, A10Gs and slices of an A100.</summary>
public sealed class DeviceClaimsTests
{
    private const string Nvidia = "gpu.nvidia.com";

    /// <summary>Adapters of a model of 8 billion parameters: too much for 24 GB.</summary>
    private const string OnOneGpu = """
        model: {name: meta-llama/Llama-3.1-8B}
        training: {sequenceLength: 4096, method: LoRA, recompute: Full}
        parallelism: {data: 1, sharding: None}
        """;

    [Theory]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, selectors: [{cel: {expression: \"device.attributes['gpu.nvidia.com'].productName == 'NVIDIA A10G'\"}}]}", "DoesNotFit")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, selectors: [{cel: {expression: \"device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('20Gi')) <= 0\"}}]}", "Unknown")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, selectors: [{cel: {expression: \"device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('40Gi')) <= 0\"}}]}", "DoesNotFit")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, selectors: [{cel: {expression: \"device.capacity['gpu.nvidia.com'].memory.compareTo(quantity('40Gi')) >= 0\"}}]}", "Fits")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com}", "Fits")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, selectors: [{cel: {expression: device.attributes.exists(d, true)}}]}", "Fits")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com}", "Impossible")]
    [InlineData("exactly: {deviceClassName: small}", "DoesNotFit")]
    [InlineData("exactly: {deviceClassName: missing}", "Unknown")]
    [InlineData("exactly: {deviceClassName: gpu.amd.com}", "Unknown")]
    [InlineData("exactly: {deviceClassName: gaudi.intel.com}", "Unknown")]
    [InlineData("exactly: {deviceClassName: npu}", "Unknown")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, allocationMode: All}", "Unknown")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com, capacity: {requests: {memory: 5Gi}}}", "Impossible")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, capacity: {requests: {gpu.nvidia.com/memory: 30Gi}}}", "Fits")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, capacity: {requests: {memory: 200Gi}}}", "Unknown")]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com, capacity: {requests: {partitions: 2}}}", "Unknown")]
    [InlineData("firstAvailable: [{name: a, deviceClassName: mig.nvidia.com}, {name: b, deviceClassName: small}]", "DoesNotFit")]
    [InlineData("firstAvailable: [{name: a, deviceClassName: mig.nvidia.com}, {name: b, deviceClassName: gpu.nvidia.com}]", "Fits")]
    [InlineData("firstAvailable: [{name: a, deviceClassName: small, count: 2}, {name: b, deviceClassName: small}]", "Unknown")]
    [InlineData("somethingNew: {}", "Unknown")]
    public void The_devices_that_a_claim_takes_are_what_the_job_is_held_against(string request, string verdict) => Assert.Equal(verdict, Verdict($"{{name: gpu, {request}}}"));

    [Theory]
    [InlineData("{name: gpu, exactly: {deviceClassName: small}}, {name: nic, exactly: {deviceClassName: nic}}", "DoesNotFit")]
    [InlineData("{name: gpu, exactly: {deviceClassName: small}}, {name: watch, exactly: {deviceClassName: gpu.nvidia.com, adminAccess: true}}", "DoesNotFit")]
    [InlineData("{name: gpu, exactly: {deviceClassName: small}}, {name: other, exactly: {deviceClassName: mig.nvidia.com}}", "Unknown")]
    public void Of_several_requests_those_for_GPUs_count(string requests, string verdict) => Assert.Equal(verdict, Verdict(requests));

    [Theory]
    [InlineData("{name: gpu, exactly: {deviceClassName: small, count: 4}}")]
    [InlineData("{name: a, exactly: {deviceClassName: small}}, {name: b, exactly: {deviceClassName: small, count: 3}}")]
    public void As_many_are_counted_as_are_claimed(string requests)
    {
        var decision = Decide(requests, spec: OnOneGpu.Replace("{data: 1, sharding: None}", "{sharding: Full}", StringComparison.Ordinal).Replace("method: LoRA, ", "", StringComparison.Ordinal));

        Assert.False(decision.Allowed);
        Assert.Contains("assumes 1 pod of 4 GPUs", decision.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_claim_for_a_network_device_beside_a_resource_changes_nothing()
    {
        const string nic = "{name: nic, exactly: {deviceClassName: nic}}";

        Assert.Equal("Fits", Verdict(nic, "resources: {limits: {nvidia.com/gpu: 1}}"));
        Assert.Equal("Fits", Verdict("{name: channel, exactly: {deviceClassName: compute-domain-default-channel.nvidia.com}}", "resources: {limits: {nvidia.com/gpu: 1}}"));
        Assert.Equal("Unknown", Verdict("{name: gpu, exactly: {deviceClassName: small}}", "resources: {limits: {nvidia.com/gpu: 1}}"));
    }

    [Theory]
    [InlineData("deviceclass.resource.kubernetes.io/small", "DoesNotFit")]
    [InlineData("deviceclass.resource.kubernetes.io/gpu.nvidia.com", "Fits")]
    [InlineData("deviceclass.resource.kubernetes.io/missing", "Unknown")]
    [InlineData("example.com/small-card", "DoesNotFit")]
    public void A_resource_that_stands_for_a_class_is_a_claim(string resource, string verdict) =>
        Assert.Equal(verdict, Verdict($"spec: {{containers: [{{name: a, resources: {{limits: {{{resource}: 1}}}}}}]}}", Claims("")).Verdict);

    [Fact]
    public void A_claim_made_by_hand_is_read_and_one_of_another_namespace_is_not()
    {
        const string pod = "spec: {containers: [{name: a}], resourceClaims: [{name: gpu, resourceClaimName: mine}]}";

        Assert.Equal("DoesNotFit", Verdict(pod, Claims("", named: "team")).Verdict);
        var (verdict, line) = Verdict(pod, Claims("", named: "other"));
        Assert.Equal("Unknown", verdict);
        Assert.EndsWith("what it claims is not known: no ResourceClaim mine", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pool_without_nodes_may_get_them_with_a_driver_and_one_whose_nodes_have_a_plugin_does_not()
    {
        var asked = Claims("{name: gpu, exactly: {deviceClassName: small}}");
        var declared = KubernetesYaml.LoadAllFromString<GpuPool>("{metadata: {name: new}, spec: {product: NVIDIA-H200, gpusPerNode: 8}}", ApiJson.Default);

        Assert.Equal("Fits", Decide(Pod(""), OnOneGpu, InventoryBuilder.Build([], Slices(), declared, asked)).AuditAnnotations["verdict"]);
        Assert.Equal("DoesNotFit", Decide(Pod(""), OnOneGpu, InventoryBuilder.Build([Nodes.H100x8("h-0")], Slices(), [], asked)).AuditAnnotations["verdict"]);
    }

    /// <summary>KEP-4815: a GPU is published whole and in every part that it could be cut into.</summary>
    [Theory]
    [InlineData("exactly: {deviceClassName: gpu.nvidia.com}", "Fits")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com, selectors: [{cel: {expression: \"device.attributes['gpu.nvidia.com'].profile == '3g.40gb'\"}}]}", "Fits")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com, selectors: [{cel: {expression: \"device.attributes['gpu.nvidia.com'].profile == '1g.10gb'\"}}]}", "Impossible")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com}", "AtRisk")]
    [InlineData("exactly: {deviceClassName: mig.nvidia.com, selectors: [{cel: {expression: \"device.attributes['gpu.nvidia.com'].profile == '7g.80gb'\"}}]}", "Unknown")]
    public void Of_a_GPU_that_can_be_cut_the_part_counts_that_a_claim_takes(string request, string verdict)
    {
        const string attributes = "parentUUID: {string: GPU-0}, type: {string: mig}, productName: {string: NVIDIA H100 80GB HBM3}";

        Assert.Equal(verdict, Verdict(request, Nvidia, "{name: gpu-0, attributes: {type: {string: gpu}, uuid: {string: GPU-0}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {memory: {value: 81559Mi}}}",
            $"{{name: gpu-0-mig-3g, attributes: {{{attributes}, profile: {{string: 3g.40gb}}}}, capacity: {{memory: {{value: 40448Mi}}}}}}",
            $"{{name: gpu-0-mig-1g, attributes: {{{attributes}, profile: {{string: 1g.10gb}}}}, capacity: {{memory: {{value: 9984Mi}}}}}}"));
    }

    /// <summary>AutoPartition of ROCm/k8s-gpu-dra-driver (docs/driver-attributes.md and docs/device-plugin-to-dra-partitions.md).</summary>
    [Theory]
    [InlineData("'spx'", "", "Fits")]
    [InlineData("'cpx'", "", "DoesNotFit")]
    [InlineData("'cpx'", ", capacity: {requests: {partitions: 1}}", "DoesNotFit")]
    public void Of_a_GPU_of_AMD_that_can_be_cut_the_partition_counts_that_a_claim_takes(string mode, string capacity, string verdict) => Assert.Equal(verdict, Verdict(
        $"exactly: {{deviceClassName: gpu.amd.com, selectors: [{{cel: {{expression: \"device.attributes['gpu.amd.com'].computePartition == {mode}\"}}}}]{capacity}}}",
        "gpu.amd.com",
        Partition("spx", "amdgpu", 196592, 1),
        Partition("cpx", "amdgpu-partition", 24574, 8)));

    /// <summary>KEP-5075: the scheduler counts what claims ask for of a device, and nobody holds them to it (dra-driver-nvidia-gpu, --consumable-shares).</summary>
    [Theory]
    [InlineData("60Gi", 81559, "Fits")]
    [InlineData("4Gi", 81559, "AtRisk")]
    [InlineData("4Gi", 23034, "Impossible")]
    public void A_part_of_a_device_that_is_shared_is_what_the_claim_asks_for(string asked, int mib, string verdict) => Assert.Equal(verdict, Verdict(
        $"exactly: {{deviceClassName: gpu.nvidia.com, capacity: {{requests: {{memory: {asked}}}}}}}",
        Nvidia,
        $"{{name: gpu-0, allowMultipleAllocations: true, attributes: {{type: {{string: gpu}}, productName: {{string: {(mib > 30_000 ? "NVIDIA H100 80GB HBM3" : "NVIDIA L4")}}}}}, "
        + $"capacity: {{memory: {{value: {mib}Mi, requestPolicy: {{default: 0, validRange: {{min: 0, max: {mib}Mi, step: 1Mi}}}}}}}}}}"));

    /// <summary>A driver that is not known is a GPU's by its name, and what it states of the memory counts; of other accelerators it does not.</summary>
    [Theory]
    [InlineData("gpu.example.com", "gpu.example.com", "64Gi", "", "Fits")]
    [InlineData("gpu.example.com", "gpu.example.com", "4Gi", "", "Impossible")]
    [InlineData("gpu.example.com", "gpu.example.com", null, "", "Unknown")]
    [InlineData("npu", "npu.rebellions.ai", "4Gi", "", "Unknown")]
    [InlineData("gaudi.intel.com", "gaudi.intel.com", null, "model: {string: Gaudi3}", "Fits")]
    [InlineData("hami-core-gpu.project-hami.io", "hami-core-gpu.project-hami.io", "81559Mi", "type: {string: hami-gpu}, productName: {string: NVIDIA H100 80GB HBM3}", "Fits")]
    public void Devices_of_other_drivers_are_GPUs_too(string name, string driver, string? memory, string attributes, string verdict) => Assert.Equal(verdict, Verdict(
        $"exactly: {{deviceClassName: {name}}}",
        driver,
        $"{{name: d, attributes: {{{attributes}}}, capacity: {{{(memory is null ? "" : $"memory: {{value: {memory}}}")}}}}}"));

    /// <summary>HAMi's library holds a container to what its claim asks for (lixueduan.com, HAMi DRA: nvidia-smi then shows 10240 MiB of an A10).</summary>
    [Fact]
    public void A_part_that_HAMi_holds_a_claim_to_is_all_that_it_gets() => Assert.Equal("Impossible", Verdict(
        "exactly: {deviceClassName: hami-core-gpu.project-hami.io, capacity: {requests: {cores: '50', memory: 10Gi}}}",
        "hami-core-gpu.project-hami.io",
        "{name: hami-gpu-0, allowMultipleAllocations: true, attributes: {type: {string: hami-gpu}, productName: {string: NVIDIA H100 80GB HBM3}}, capacity: {cores: {value: '100'}, memory: {value: 81559Mi}}}"));

    private static string Partition(string mode, string type, int mib, int count) =>
        $"{{name: gpu-0-{mode}-nps1, allowMultipleAllocations: true, attributes: {{type: {{string: {type}}}, productName: {{string: AMD_Instinct_MI300X_OAM}}, computePartition: {{string: {mode}}}, memoryPartition: {{string: nps1}}}}, "
        + $"capacity: {{memory: {{value: {mib}Mi}}, partitions: {{value: {count}}}}}, consumesCounters: [{{counterSet: gpu-0-mutex, counters: {{partition-mode: {{value: 1}}}}}}]}}";

    /// <summary>What is said of the job where a driver has these devices alone.</summary>
    private static string Verdict(string request, string driver, params string[] devices)
    {
        var slices = KubernetesYaml.LoadAllFromString<V1ResourceSlice>(Slice("n", string.Join(", ", devices)).Replace($"driver: {Nvidia}", $"driver: {driver}", StringComparison.Ordinal));
        return Decide(Pod(""), OnOneGpu, InventoryBuilder.Build([], [.. slices], [], Claims($"{{name: gpu, {request}}}"))).AuditAnnotations["verdict"];
    }

    [Fact]
    public void Nothing_is_added_to_a_pod_that_claims()
    {
        var pod = Manifest(Pod(""));
        var tie = new PodTie(Jobs.Of(OnOneGpu), null);

        Assert.Empty(PodDecision.Mutate(pod, KubernetesYaml.LoadAllFromString<V1Pod>(Pod(""))[0], tie, Inventory("{name: gpu, exactly: {deviceClassName: gpu.nvidia.com}}"), NoConfigMaps.Instance));
    }

    [Fact]
    public void Pods_that_claim_otherwise_are_remembered_apart()
    {
        var inventory = Inventory("{name: gpu, exactly: {deviceClassName: small}}");
        var remembered = new DecisionCache();

        Assert.False(Decide(Pod(""), OnOneGpu, inventory, remembered).Allowed);
        Assert.True(Decide(Pod("").Replace("TemplateName: one", "TemplateName: two", StringComparison.Ordinal), OnOneGpu, inventory, remembered).Allowed);
        Assert.False(Decide(Pod(""), OnOneGpu, inventory, remembered).Allowed);
    }

    private static string Verdict(string requests, string container = "") => Decide(requests, container).AuditAnnotations["verdict"];

    private static (string Verdict, string? Line) Verdict(string pod, DeviceClaims claims)
    {
        var decision = Decide(pod, OnOneGpu, InventoryBuilder.Build([], Slices(), [], claims));
        return (decision.AuditAnnotations["verdict"], decision.Line);
    }

    private static PodDecision Decide(string requests, string container = "", string spec = OnOneGpu) => Decide(Pod(container), spec, Inventory(requests));

    private static PodDecision Decide(string pod, string spec, PoolInventory inventory, DecisionCache? remembered = null) =>
        PodDecision.Validate(KubernetesYaml.LoadAllFromString<V1Pod>(pod)[0], new PodTie(Jobs.Of(spec), null), inventory, NoConfigMaps.Instance, remembered);

    private static string Pod(string container) => $"spec: {{containers: [{{name: a, {container}}}], resourceClaims: [{{name: gpu, resourceClaimTemplateName: one}}]}}";

    private static System.Text.Json.Nodes.JsonObject Manifest(string yaml) => (System.Text.Json.Nodes.JsonObject)KubernetesYaml.LoadAllFromString(yaml)[0];

    private static PoolInventory Inventory(string requests) => InventoryBuilder.Build([], Slices(), [], Claims(requests));

    private static DeviceClaims Claims(string requests, string named = "team") => new(
        KubernetesYaml.LoadAllFromString<V1DeviceClass>("""
            metadata: {name: small}
            spec:
              extendedResourceName: example.com/small-card
              selectors:
              - cel:
                  expression: device.driver == "gpu.nvidia.com" && device.attributes["gpu.nvidia.com"].architecture == "Ampere" && device.attributes["gpu.nvidia.com"].type == "gpu"
            ---
            metadata: {name: nic}
            spec: {selectors: [{cel: {expression: device.driver == "dra.net"}}]}
            ---
            metadata: {name: npu}
            spec: {selectors: [{cel: {expression: device.driver == "npu.rebellions.ai"}}]}
            ---
            metadata: {name: gpu.example.com}
            spec: {selectors: [{cel: {expression: device.driver == "gpu.example.com"}}]}
            """),
        KubernetesYaml.LoadAllFromString<V1ResourceClaimTemplate>($"{{metadata: {{name: one, namespace: team}}, spec: {{spec: {{devices: {{requests: [{requests}]}}}}}}}}"),
        KubernetesYaml.LoadAllFromString<Resourcev1ResourceClaim>($"{{metadata: {{name: mine, namespace: {named}}}, spec: {{devices: {{requests: [{{name: gpu, exactly: {{deviceClassName: small}}}}]}}}}}}"));

    private static List<V1ResourceSlice> Slices() => [.. KubernetesYaml.LoadAllFromString<V1ResourceSlice>(string.Join("\n---\n",
        Slice("h", "{name: gpu-0, attributes: {type: {string: gpu}, uuid: {string: GPU-0}, productName: {string: NVIDIA H100 80GB HBM3}, architecture: {string: Hopper}}, capacity: {memory: {value: 81559Mi}}}"),
        Slice("a", string.Join(", ", Enumerable.Range(0, 4).Select(at => $"{{name: gpu-{at}, attributes: {{type: {{string: gpu}}, uuid: {{string: GPU-a{at}}}, productName: {{string: NVIDIA A10G}}, architecture: {{string: Ampere}}}}, capacity: {{memory: {{value: 23028Mi}}}}}}"))),
        Slice("m", "{name: gpu-0-mig-0, attributes: {type: {string: mig}, parentUUID: {string: GPU-9}, profile: {string: 1g.10gb}, productName: {string: NVIDIA A100-SXM4-80GB}, architecture: {string: Ampere}}, capacity: {memory: {value: 9728Mi}}}")))];

    private static string Slice(string node, string devices) =>
        $"{{metadata: {{name: {node}}}, spec: {{driver: {Nvidia}, nodeName: {node}, pool: {{name: {node}, generation: 1, resourceSliceCount: 1}}, devices: [{devices}]}}}}";
}
