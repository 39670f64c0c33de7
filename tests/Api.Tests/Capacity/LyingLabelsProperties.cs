using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Templates;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Capacity;

/// <summary>Labels are written by others: whatever they say, reading them never fails, and never promises more than a card has.</summary>
public sealed class LyingLabelsProperties
{
    private static readonly string[] Keys =
    [
        "nvidia.com/gpu.product", "nvidia.com/gpu.memory", "nvidia.com/gpu.count", "nvidia.com/gpu.replicas", "nvidia.com/gpu.sharing-strategy", "nvidia.com/mig.strategy",
        "nvidia.com/mig-1g.10gb.memory", "nvidia.com/mig-1g.10gb.product", "nvidia.com/mig-1g.10gb.replicas",
        "amd.com/gpu.vram", "beta.amd.com/gpu.vram", "beta.amd.com/gpu.vram.64G", "beta.amd.com/gpu.vram.0G", "amd.com/gpu.product-name", "amd.com/gpu.device-id", "amd.com/gpu.compute-memory-partition",
        "gpu.intel.com/memory.max", "gpu.intel.com/millicores", "gpu.intel.com/gpu-numbers", "gpu.intel.com/product", "gpu.intel.com/device-id.0380-0bd5.count", "habana.ai/product.name",
        "karpenter.k8s.aws/instance-gpu-name", "karpenter.k8s.aws/instance-gpu-memory", "karpenter.k8s.aws/instance-gpu-count", "eks.amazonaws.com/instance-gpu-name", "eks.amazonaws.com/instance-gpu-memory",
        "gpu.nvidia.com/model", "gpu.nvidia.com/vram", "gpu.nvidia.com/count",
        "cloud.google.com/gke-accelerator", "cloud.google.com/gke-gpu-partition-size", "cloud.google.com/gke-gpu-sharing-strategy", "cloud.google.com/gke-max-shared-clients-per-gpu", "cloud.google.com/gke-accelerator-count",
        "node.kubernetes.io/instance-type", "karpenter.azure.com/sku-gpu-name", "k8s.amazonaws.com/accelerator", "karpenter.sh/nodepool", "agentpool",
    ];

    private static readonly string[] Values =
    [
        "", "0", "1", "-1", "8", "80", "81559", "81920", "85520", "85520809984", "192G", "0G", "24G", "64GB", "G", "999999999999G", "9223372036854775807", "99999999999999999999",
        "NaN", "true", "none", "mixed", "time-slicing", "time-sharing", "mps", "NVIDIA-H100-80GB-HBM3", "NVIDIA-H100-80GB-HBM3-MIG-INVALID", "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", "NVIDIA-L4-SHARED",
        "-MIG-", "MIG-1g.10gb", "1g.10gb", "1g.0gb", "9g.99999999999gb", "gb", "AMD_Instinct_MI300X_OAM", "74a1", "cpx_nps4", "_", "l4", "a100", "nvidia-l4", "nvidia-tesla-a100", "H100_NVLINK_80GB", "Max_1550", "HL-325",
        "p5.48xlarge", "g6f.xlarge", "Standard_NV6ads_A10_v5", "....", "ünïcode", "0.1.2.3",
    ];

    private static readonly string[] Resources =
        ["nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.10gb", "nvidia.com/mig-", "nvidia.com/mig-x.shared", "amd.com/gpu", "amd.com/cpx_nps4", "gpu.intel.com/xe", "habana.ai/gaudi", "volcano.sh/vgpu-number", "volcano.sh/vgpu-memory", "volcano.sh/vgpu-cores", "cpu"];

    private static readonly string[] Registers =
        ["", ":", ",,,,", "GPU-0,10,40960,100,NVIDIA-A100,0,true:", "GPU-0,x,-5,y,z,,:", "[]", "[null]", "[{}]", "{}", "[{\"devmem\":1e99,\"type\":5}]", "[{\"devmem\":99999999,\"type\":\"T\"}]", "["];

    [Fact]
    public void A_hundred_thousand_nodes_are_read_without_a_fault_and_never_promise_too_much()
    {
        var random = new RandomWords(20261129);
        for (var i = 0; i < 100_000; i++)
        {
            var node = random.Node();
            var all = GpuNodeReader.Read(node);
            foreach (var gpus in all ?? new ValueList<GpuNode>([]))
            {
                Assert.True(gpus.UsableMemory is not null || !string.IsNullOrEmpty(gpus.Complaint), "no reason");
                Assert.True(gpus.UsableMemory is null || gpus.LargestMemory is null || gpus.UsableMemory <= gpus.LargestMemory, $"{gpus.UsableMemory} of at most {gpus.LargestMemory}");
                Assert.True(gpus.UsableMemory is not { } usable || usable.Value <= 16L << 40, $"{gpus.UsableMemory}");
                Assert.InRange(gpus.Gpus, 1, 1024);
                // A card whose name and memory NVML wrote is never larger than that memory.
                if (gpus.Source == MemorySource.FeatureDiscovery && gpus.ResourceName == "nvidia.com/gpu")
                    Assert.True(gpus.LargestMemory!.Value.Value >> 20 <= GpuMemoryLabel.TryReadMiB(node.Metadata.Labels["nvidia.com/gpu.memory"], out _));
            }
            if (i % 100 == 0)
                Assert.NotNull(InventoryBuilder.Build([node], []).Entries);
        }
    }

    [Fact]
    public void Templates_of_nodes_that_do_not_exist_yet_are_read_without_a_fault_whatever_they_say()
    {
        var (random, made) = (new RandomWords(20261130), 0);
        for (var i = 0; i < 20_000; i++)
        {
            NodeTemplate?[] templates = [NodeTemplates.Read(random.NodePool()), NodeTemplates.Read(random.Flavor()), NodeTemplates.Read(random.Machines())];
            foreach (var pool in InventoryBuilder.Build([], NodeTemplates.Merge([], templates.OfType<NodeTemplate>(), [])).Pools)
            {
                made++;
                Assert.InRange(pool.GpusPerNode, 1, 1024);
                Assert.True(pool.MaxNodes is null or >= 0, $"{pool.MaxNodes} nodes");
                Assert.True(pool.UsableMemory is not { } usable || usable.Value <= 16L << 40, $"{pool.UsableMemory}");
            }
        }

        Assert.InRange(made, 1_000, 60_000);
    }

    [Fact]
    public void Ten_thousand_pools_are_as_many()
    {
        var nodes = Enumerable.Range(0, 10_000).Select(i => Nodes.H100x8($"n{i}", $"pool-{i}")).ToList();

        Assert.Equal(10_000, InventoryBuilder.Build(nodes, []).Pools.Count);
    }

    [Fact]
    public void A_negative_price_is_none() => Assert.Null(InventoryBuilder.Build(
        [Nodes.H100x8("a")], [new GpuPool { Metadata = new V1ObjectMeta { Name = "h100" }, Spec = new GpuPoolSpec { PricePerGPUHour = "-3.90" } }]).Pools[0].PricePerGpuHour);

    /// <summary>What a template may require or annotate beside labels of nodes.</summary>
    private static readonly string[] TemplateKeys =
    [
        .. Keys, "karpenter.k8s.aws/instance-family", "karpenter.k8s.aws/instance-category", "karpenter.k8s.gcp/instance-family", "karpenter.azure.com/sku-family", "karpenter.k8s.aws/instance-gpu-manufacturer",
        "capacity.cluster-autoscaler.kubernetes.io/gpu-count", "capacity.cluster-autoscaler.kubernetes.io/gpu-type", "capacity.cluster-autoscaler.kubernetes.io/labels", "capacity.cluster-autoscaler.kubernetes.io/taints",
        "cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size", "node.cluster.x-k8s.io/pool",
    ];

    private static readonly string[] TemplateValues = [.. Values, "ml.p5.48xlarge", "ML.P5.48XLARGE", "ml.", "p5", "g6", "N", "amd", "gpu-h100-sxm", "gpu=1:NoSchedule,,=:", "a=b,a=c,=", "1e30", "0.1", "8k"];

    private sealed class RandomWords(int seed)
    {
#pragma warning disable CA5394 // Not a secret: the same every time.
        private readonly System.Random _random = new(seed);

        private string Word(string[] words) => words[_random.Next(words.Length)];

        public JsonObject NodePool() => Manifest("karpenter.sh/v1", "NodePool", new()
        {
            ["limits"] = new JsonObject { [Word(Resources)] = Word(TemplateValues), [Word(TemplateKeys)] = _random.Next(-1, 64) },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Pairs() },
                ["spec"] = new JsonObject
                {
                    ["requirements"] = new JsonArray([.. Enumerable.Range(0, _random.Next(5)).Select(_ => (JsonNode)new JsonObject
                    {
                        ["key"] = Word(TemplateKeys),
                        ["operator"] = Word(["In", "In", "In", "NotIn", "Exists", "DoesNotExist", "Gt"]),
                        ["values"] = new JsonArray([.. Enumerable.Range(0, _random.Next(3)).Select(_ => (JsonNode?)Word(TemplateValues))]),
                    })]),
                    ["taints"] = new JsonArray(new JsonObject { ["key"] = Word(TemplateValues) }, null),
                },
            },
        });

        public JsonObject Flavor() => Manifest("kueue.x-k8s.io/v1beta1", "ResourceFlavor", new() { ["nodeLabels"] = Pairs(), ["nodeTaints"] = Word(TemplateValues) });

        public JsonObject Machines() => Manifest("cluster.x-k8s.io/v1beta1", "MachineDeployment", new() { ["template"] = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = Pairs() } } });

        private JsonObject Manifest(string version, string kind, JsonObject spec) => new()
        {
            ["apiVersion"] = version,
            ["kind"] = kind,
            ["metadata"] = new JsonObject { ["name"] = "x", ["annotations"] = Pairs() },
            ["spec"] = spec,
            ["status"] = new JsonObject { ["replicas"] = _random.Next(20) },
        };

        private JsonObject Pairs()
        {
            var pairs = new JsonObject();
            for (var count = _random.Next(8); count > 0; count--)
                pairs[Word(TemplateKeys)] = Word(TemplateValues);
            return pairs;
        }

        public V1Node Node()
        {
            var labels = new Dictionary<string, string>();
            for (var count = _random.Next(12); count > 0; count--)
                labels[Word(Keys)] = Word(Values);
            var offers = new Dictionary<string, ResourceQuantity>();
            for (var count = 1 + _random.Next(3); count > 0; count--)
                offers[Word(Resources)] = new ResourceQuantity(_random.Next(4) switch { 0 => "0", 1 => "9223372036854775807", 2 => "-3", _ => $"{_random.Next(1, 64)}" });
            return new V1Node
            {
                Metadata = new V1ObjectMeta
                {
                    Name = "n",
                    Labels = labels,
                    Annotations = new Dictionary<string, string> { ["hami.io/node-nvidia-register"] = Word(Registers), ["volcano.sh/node-vgpu-register"] = Word(Registers) },
                },
                Status = new V1NodeStatus { Allocatable = offers, Capacity = _random.Next(2) == 0 ? offers : null },
            };
        }
#pragma warning restore CA5394
    }
}
