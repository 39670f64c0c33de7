using System.Text.Json;
using GpuMem.Api.Pods;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Pods;

public sealed class GpuShareTests
{
    [Theory]
    [InlineData("nvidia.com/gpu: 2, nvidia.com/gpumem: 10000", "nvidia.com/gpu", 2, 10000, null)]
    [InlineData("nvidia.com/gpumem: 10000", "nvidia.com/gpu", 1, 10000, null)]
    [InlineData("nvidia.com/gpu: 1, nvidia.com/gpumem: 3000M", "nvidia.com/gpu", 1, 2861, null)]
    [InlineData("nvidia.com/gpu: 1, nvidia.com/gpumem-percentage: 50", "nvidia.com/gpu", 1, null, 50)]
    [InlineData("nvidia.com/gpu: 1, nvidia.com/gpucores: 30", "nvidia.com/gpu", 1, null, null)]
    [InlineData("volcano.sh/vgpu-number: 2, volcano.sh/vgpu-memory: 10240", "volcano.sh/vgpu-number", 2, 10240, null)]
    [InlineData("volcano.sh/vgpu-number: 1", "volcano.sh/vgpu-number", 1, null, null)]
    [InlineData("koordinator.sh/gpu.shared: 1, koordinator.sh/gpu-memory-ratio: 50, koordinator.sh/gpu-core: 50", "nvidia.com/gpu", 1, null, 50)]
    [InlineData("koordinator.sh/gpu-memory: 16Gi, koordinator.sh/gpu-core: 50", "nvidia.com/gpu", 1, 16384, null)]
    [InlineData("koordinator.sh/gpu: 200", "nvidia.com/gpu", 2, null, 100)]
    [InlineData("tke.cloud.tencent.com/qgpu-core: 50, tke.cloud.tencent.com/qgpu-memory: 22", "tke.cloud.tencent.com/qgpu-core", 1, 22 * 1024, null)]
    [InlineData("tke.cloud.tencent.com/qgpu-memory: 5", "tke.cloud.tencent.com/qgpu-core", 1, 5 * 1024, null)]
    [InlineData("tke.cloud.tencent.com/qgpu-core: 200", "tke.cloud.tencent.com/qgpu-core", 2, null, null)]
    [InlineData("tencent.com/vcuda-core: 20, tencent.com/vcuda-memory: 30", "tencent.com/vcuda-core", 1, 30 * 256, null)]
    [InlineData("tencent.com/vcuda-memory: 9000000000", "tencent.com/vcuda-core", 1, null, null)]
    [InlineData("tencent.com/vcuda-core: 100, tencent.com/vcuda-memory: 1", "tencent.com/vcuda-core", 1, null, null)]
    public void Each_scheduler_has_its_own_words(string limits, string resource, int gpus, int? mib, int? percent) =>
        Assert.Equal(new GpuShare(resource, gpus, mib, percent), GpuShare.Of(Pod(limits)));

    [Theory]
    [InlineData("gpu-fraction", "0.25", null, 25)]
    [InlineData("gpu-memory", "2000", 2000, null)]
    public void Kai_says_it_beside_the_spec(string annotation, string value, int? mib, int? percent) =>
        Assert.Equal(new GpuShare("nvidia.com/gpu", 1, mib, percent) { IsEnforced = false, IsOfAnyVendor = true }, GpuShare.Of(Pod("cpu: 1", (annotation, value))));

    /// <summary>"Without mps or hami, pods sharing the same GPU may consume more memory than requested" (kai-scheduler/KAI-Scheduler, docs/gpu-sharing); Run:ai holds them to it.</summary>
    [Theory]
    [InlineData("kai-scheduler", "gpu-fraction", "0.5", 39.6, 79.1)]
    [InlineData("kai-scheduler", "gpu-fraction", "5e-1", 39.6, 79.1)]
    [InlineData("kai-scheduler", "gpu-memory", "4096", 4, 79.1)]
    [InlineData(null, "gpu-fraction", "0.5", 39.6, 79.1)]
    [InlineData("runai-scheduler", "gpu-fraction", "0.5", 39.6, 39.6)]
    [InlineData("runai-scheduler", "gpu-memory", "4096", 4, 4)]
    public void What_KAI_only_counts_a_pod_may_exceed(string? scheduler, string annotation, string value, double sure, double most)
    {
        var pod = Pod("cpu: 1", (annotation, value));
        pod.Spec.SchedulerName = scheduler;
        using var written = JsonDocument.Parse(JsonSerializer.Serialize(pod, KubernetesJson.Default.WriteInfo<V1Pod>()));
        var pool = GpuShare.Of(written.RootElement.Deserialize(PodContract.Pod)!)!.On(Nodes.Inventory(Nodes.H100x8("a"))).Pools[0];

        Assert.Equal((sure, most), (Math.Round(pool.UsableMemory!.Value.GiB, 1), Math.Round(pool.LargestMemory!.Value.GiB, 1)));
    }

    [Fact]
    public void A_fraction_may_be_of_a_GPU_of_AMD()
    {
        var share = GpuShare.Of(Pod("cpu: 1", ("gpu-fraction", "0.5")))!;
        var nodes = Nodes.Inventory(Nodes.With("m", [("amd.com/gpu", 8)], ("amd.com/gpu.vram", "192G"), ("amd.com/gpu.product-name", "AMD_Instinct_MI300X_OAM")));

        Assert.Equal(96, Math.Round(Assert.Single(share.On(share.Reached(nodes, null)).Pools).UsableMemory!.Value.GiB));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("2")]
    [InlineData("half")]
    [InlineData("")]
    [InlineData("99999999999999999999999999999999999999999")]
    public void A_fraction_that_is_none_is_none(string value) => Assert.Null(GpuShare.Of(Pod("cpu: 1", ("gpu-fraction", value))));

    [Fact]
    public void Whole_GPUs_are_no_share() => Assert.Null(GpuShare.Of(Pod("nvidia.com/gpu: 8")));

    [Fact]
    public void A_pod_gets_its_part_and_never_more_than_the_card()
    {
        var reached = Nodes.Inventory(Nodes.H100x8("a"));
        var card = reached.Pools[0].UsableMemory!.Value;

        Assert.Equal(10000L << 20, new GpuShare("nvidia.com/gpu", 1, 10000, null).On(reached).Pools[0].UsableMemory!.Value.Value);
        Assert.Equal(card, new GpuShare("nvidia.com/gpu", 1, 500_000, null).On(reached).Pools[0].UsableMemory);
        Assert.Equal(card.Value / 4, new GpuShare("nvidia.com/gpu", 1, null, 25).On(reached).Pools[0].UsableMemory!.Value.Value);
    }

    [Fact]
    public void Of_a_card_that_is_not_known_it_gets_its_part_at_the_most()
    {
        var pool = new GpuShare("nvidia.com/gpu", 1, 10000, null).On(Nodes.Inventory(Nodes.Of("a", 8))).Pools[0];

        Assert.Equal((null, 10000L << 20), (pool.UsableMemory, pool.LargestMemory!.Value.Value));
    }

    /// <summary>Run:ai's own example: half of a GPU, up to 95 % of it if available; an H100 has 79.1 GiB.</summary>
    [Theory]
    [InlineData("gpu-fraction", "0.5", null, null, "0.95", 39.6, 75.2)]
    [InlineData("gpu-fraction", "0.5", "gpu-fraction.limit", "0.95", null, 39.6, 75.2)]
    [InlineData("gpu-memory", "4096", "gpu-memory.limit", "8192Mi", null, 4, 8)]
    [InlineData("gpu-memory", "4096", null, null, "500000000000", 4, 79.1)]
    [InlineData("gpu-memory", "4096", null, null, "2500M", 4, 4)]
    [InlineData("gpu-memory", "4096", null, null, "much", 4, 4)]
    [InlineData("gpu-fraction", "0.5", null, null, "7", 39.6, 39.6)]
    [InlineData("gpu-fraction", "0.5", "kai.scheduler/container.c.gpu-memory.portion.limit", "0.8", null, 39.6, 63.3)]
    [InlineData("nvidia.com/container.c.gpu-memory.request", "7680Mi", null, null, null, 7.5, 7.5)]
    [InlineData("nvidia.com/container.c.gpu-memory.request", "4096Mi", "nvidia.com/container.c.gpu-memory.limit", "8Gi", null, 4, 8)]
    [InlineData("nvidia.com/container.c.gpu-memory.limit", "8192Mi", "nvidia.com/container.c.gpus.devices", "GPU-0", null, 8, 8)]
    public void What_Run_ai_or_KAI_lends_is_what_a_pod_may_get(string asked, string value, string? limited, string? limit, string? variable, double sure, double most)
    {
        var pod = Pod("cpu: 1", limited is null ? [(asked, value)] : [(asked, value), (limited, limit!)]);
        pod.Spec.Containers[0].Env = variable is null ? null : [new k8s.Models.V1EnvVar { Name = "RUNAI_GPU_MEMORY_LIMIT", Value = variable }];
        using var written = JsonDocument.Parse(JsonSerializer.Serialize(pod, KubernetesJson.Default.WriteInfo<V1Pod>()));
        var pool = GpuShare.Of(written.RootElement.Deserialize(PodContract.Pod)!)!.On(Nodes.Inventory(Nodes.H100x8("a"))).Pools[0];

        Assert.Equal((sure, most), (Math.Round(pool.UsableMemory!.Value.GiB, 1), Math.Round(pool.LargestMemory!.Value.GiB, 1)));
    }

    /// <summary>Plugins that are told to offer memory in pieces (HAMi's memoryFactor, Volcano's --gpu-memory-factor) list the cards in MiB: 163840 of two cards, 160 offered.</summary>
    [Theory]
    [InlineData("volcano.sh/vgpu-number", "volcano.sh/vgpu-memory", "volcano.sh/node-vgpu-register", 160, 24, 24 * 1024)]
    [InlineData("volcano.sh/vgpu-number", "volcano.sh/vgpu-memory", "volcano.sh/node-vgpu-register", 16384, 1024, 10240)]
    [InlineData("volcano.sh/vgpu-number", "volcano.sh/vgpu-memory", "volcano.sh/node-vgpu-register", 163840, 10240, 10240)]
    [InlineData("volcano.sh/vgpu-number", "volcano.sh/vgpu-memory", "volcano.sh/node-vgpu-register", 327680, 10240, 10240)]
    [InlineData("nvidia.com/gpu", "nvidia.com/gpumem", "hami.io/node-nvidia-register", 16384, 1024, 10240)]
    [InlineData("nvidia.com/gpu", "nvidia.com/gpumem", "hami.io/node-nvidia-register", 0, 10240, 10240)]
    public void Memory_is_asked_for_in_pieces_as_the_node_offers_it(string resource, string memory, string register, int offered, int asked, int mib)
    {
        var node = Nodes.With("n", [(resource, 20), (memory, offered)]);
        node.Metadata.Annotations = new Dictionary<string, string> { [register] = "GPU-a,10,81920,NVIDIA-NVIDIA A100-SXM4-80GB,true:GPU-b,10,81920,NVIDIA-NVIDIA A100-SXM4-80GB,true:" };

        Assert.Equal((long)mib << 20, new GpuShare(resource, 1, asked, null).On(Nodes.Inventory(node)).Pools[0].UsableMemory!.Value.Value);
    }

    [Fact]
    public void So_little_that_it_cannot_be_MiB_is_held_against_nobody() =>
        Assert.Contains("in a unit that the nodes do not tell", new GpuShare("nvidia.com/gpu", 1, 24, null).On(Nodes.Inventory(Nodes.H100x8("a"))).Pools[0].Unknown, StringComparison.Ordinal);

    private static V1Pod Pod(string limits, params (string Key, string Value)[] annotations) => new()
    {
        Metadata = new V1ObjectMeta { Annotations = annotations.ToDictionary(annotation => annotation.Key, annotation => annotation.Value) },
        Spec = KubernetesYaml.LoadAllFromString<k8s.Models.V1PodSpec>($"{{containers: [{{resources: {{limits: {{{limits}}}}}}}]}}")[0],
    };
}
