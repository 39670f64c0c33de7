using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Capacity;

/// <summary>What each vendor and cloud writes on a node, one label set a row: <c>key=value</c>, and what the node offers.</summary>
public sealed class NodeLabelsTests
{
    [Theory]
    [InlineData("beta.amd.com/gpu.vram=64G", "amd.com/gpu: 8 x 62.9 GiB (AmdLabels)")]
    [InlineData("beta.amd.com/gpu.vram.64G=8", "amd.com/gpu: 8 x 62.9 GiB (AmdLabels)")]
    [InlineData("beta.amd.com/gpu.vram.64G=8 beta.amd.com/gpu.device-id.740f=8", "amd.com/gpu: 8 x 64.0 GiB (AmdLabels)")]
    [InlineData("beta.amd.com/gpu.vram.64G=4 beta.amd.com/gpu.vram.32G=4", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("amd.com/gpu.vram=191G amd.com/gpu.device-id=74b5", "amd.com/gpu: 8 x 190.5 GiB (AmdLabels)")]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI300X", "amd.com/gpu: 8 x 192.0 GiB (Catalogue)")]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI300X amd.com/gpu.vram=192G amd.com/gpu.compute-memory-partition=cpx_nps1", "amd.com/gpu: 8 x 24.0 GiB (AmdLabels)")]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI300X amd.com/gpu.vram=192G amd.com/gpu.compute-memory-partition=xyz", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("amd.com/gpu.vram=196608 amd.com/gpu.product-name=AMD_Instinct_MI300X", "amd.com/gpu: 8 x 192.0 GiB (AmdLabels)")]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI210 amd.com/gpu.vram=192G", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("amd.com/gpu.vram=0G", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("amd.com/gpu.vram=lots", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("node.kubernetes.io/instance-type=Standard_ND96isr_MI300X_v5", "amd.com/gpu: 8 x 192.0 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=p5.48xlarge", "amd.com/gpu: 8 x unknown (Unknown)")]
    public void Amd(string labels, string said) => Assert.Equal(said, Read(labels, ("amd.com/gpu", 8)));

    [Theory]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI355X_VF amd.com/gpu.vram=288G", "amd.com/gpu: 8 x 288.0 GiB (AmdLabels)")]
    [InlineData("amd.com/gpu.vram=288G amd.com/gpu.device-id=75a3", "amd.com/gpu: 8 x 288.0 GiB (AmdLabels)")]
    [InlineData("node.kubernetes.io/instance-type=BM.GPU.MI355X-v1.8", "amd.com/gpu: 8 x 288.0 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=mi300x-192gb-ib.8x", "amd.com/gpu: 8 x 192.0 GiB (InstanceType)")]
    [InlineData("doks.digitalocean.com/gpu-brand=amd doks.digitalocean.com/gpu-model=mi300x", "amd.com/gpu: 8 x 192.0 GiB (AcceleratorName)")]
    [InlineData("amd.com/gpu.product-name=AMD_Instinct_MI300X_OAM amd.com/gpu.vram=96G amd.com/gpu.compute-memory-partition=dpx_nps2", "amd.com/gpu: 8 x 96.0 GiB (AmdLabels)")]
    [InlineData("amd.com/gpu.product-name=AMD_Radeon_8060S_Graphics amd.com/gpu.vram=1G amd.com/gpu.device-id=1586", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("amd.com/gpu.product-name=AMD_Radeon_8060S_Graphics amd.com/gpu.vram=96G amd.com/gpu.device-id=1586", "amd.com/gpu: 8 x unknown (Unknown)")]
    public void Amd_since_the_MI350(string labels, string said) => Assert.Equal(said, Read(labels, ("amd.com/gpu", 8)));

    [Fact]
    public void Amd_partitions_that_have_names_of_their_own_are_pools_of_their_own() => Assert.Equal(
        "amd.com/cpx_nps4: 32 x 24.0 GiB (AmdLabels); amd.com/spx_nps1: 4 x 192.0 GiB (AmdLabels)",
        Read("amd.com/gpu.product-name=AMD_Instinct_MI300X_OAM amd.com/gpu.vram=192G", ("amd.com/spx_nps1", 4), ("amd.com/cpx_nps4", 32)));

    [Theory]
    [InlineData("nvidia-h100-mega-80gb", "", 8, "79.1 GiB (GkeLabels)")]
    [InlineData("nvidia-h200-141gb", "", 8, "139.8 GiB (GkeLabels)")]
    [InlineData("nvidia-a100-80gb", "", 4, "79.2 GiB (GkeLabels)")]
    [InlineData("nvidia-tesla-a100", "", 4, "39.4 GiB (GkeLabels)")]
    [InlineData("nvidia-tesla-t4", "cloud.google.com/gke-gpu-sharing-strategy=time-sharing cloud.google.com/gke-max-shared-clients-per-gpu=4 cloud.google.com/gke-accelerator-count=1", 4, "3.6 GiB (GkeLabels)")]
    [InlineData("nvidia-tesla-t4", "cloud.google.com/gke-gpu-sharing-strategy=mps cloud.google.com/gke-max-shared-clients-per-gpu=2", 2, "7.3 GiB (GkeLabels)")]
    [InlineData("nvidia-tesla-t4", "cloud.google.com/gke-gpu-sharing-strategy=time-sharing", 4, "unknown (Unknown)")]
    [InlineData("nvidia-l4", "cloud.google.com/gke-accelerator-count=1", 10, "unknown (Unknown)")]
    [InlineData("nvidia-tesla-a100", "cloud.google.com/gke-gpu-partition-size=1g.5gb", 7, "4.7 GiB (GkeLabels)")]
    [InlineData("nvidia-b200", "cloud.google.com/gke-gpu-partition-size=1g.99gb", 7, "82.5 GiB (GkeLabels)")]
    [InlineData("nvidia-tesla-k80", "", 2, "10.7 GiB (GkeLabels)")]
    [InlineData("nvidia-next", "", 2, "unknown (Unknown)")]
    [InlineData("nvidia-next-9000", "", 2, "unknown (Unknown)")]
    [InlineData("nvidia-gb300", "node.kubernetes.io/instance-type=a4x-maxgpu-4g-metal", 4, "276.5 GiB (GkeLabels)")]
    [InlineData("nvidia-rtx-pro-6000", "node.kubernetes.io/instance-type=g4-standard-48", 1, "95.0 GiB (GkeLabels)")]
    [InlineData("nvidia-rtx-pro-6000", "node.kubernetes.io/instance-type=g4-standard-24", 1, "47.0 GiB (InstanceType)")]
    [InlineData("nvidia-rtx-pro-6000", "node.kubernetes.io/instance-type=g4-standard-6", 1, "11.4 GiB (InstanceType)")]
    [InlineData("nvidia-rtx-pro-6000", "cloud.google.com/gke-gpu-partition-size=1g.24gb", 4, "22.7 GiB (GkeLabels)")]
    public void Gke(string accelerator, string labels, int gpus, string said) =>
        Assert.Equal($"nvidia.com/gpu: {gpus} x {said}", Read($"cloud.google.com/gke-accelerator={accelerator} {labels}", ("nvidia.com/gpu", gpus)));

    [Theory]
    [InlineData("t4", 16384, 1, 1, "14.6 GiB (KarpenterLabels)")]
    [InlineData("t4g", 16384, 1, 1, "14.5 GiB (KarpenterLabels)")]
    [InlineData("gb200", 189471, 4, 4, "184.3 GiB (KarpenterLabels)")]
    [InlineData("b300", 275040, 8, 8, "267.7 GiB (KarpenterLabels)")]
    [InlineData("h200", 144384, 8, 8, "139.8 GiB (KarpenterLabels)")]
    [InlineData("h100", 81920, 8, 8, "79.1 GiB (KarpenterLabels)")]
    [InlineData("a100", 40960, 8, 8, "39.4 GiB (KarpenterLabels)")]
    [InlineData("a100", 81920, 8, 8, "79.2 GiB (KarpenterLabels)")]
    [InlineData("l40s", 45776, 4, 4, "44.4 GiB (KarpenterLabels)")]
    [InlineData("rtx-pro-server-6000", 98304, 2, 2, "95.0 GiB (KarpenterLabels)")]
    [InlineData("l4", 2861, 0, 1, "2.3 GiB (KarpenterLabels)")]
    [InlineData("next-gpu", 40000, 1, 1, "38.4 GiB (KarpenterLabels)")]
    [InlineData("l4", 0, 1, 1, "22.0 GiB (Catalogue)")]
    [InlineData("a100", 0, 8, 8, "unknown (Unknown)")]
    [InlineData("l4", 81920, 1, 1, "unknown (Unknown)")]
    [InlineData("a100", 200000, 8, 8, "unknown (Unknown)")]
    [InlineData("l4", 22888, 1, 10, "unknown (Unknown)")]
    public void Karpenter_and_eks_auto(string name, int memory, int count, int offered, string said)
    {
        foreach (var group in new[] { "karpenter.k8s.aws", "eks.amazonaws.com" })
            Assert.Equal($"nvidia.com/gpu: {offered} x {said}", Read(
                $"{group}/instance-gpu-name={name} {group}/instance-gpu-memory={memory} {group}/instance-gpu-count={count} {group}/instance-gpu-manufacturer=nvidia", ("nvidia.com/gpu", offered)));
    }

    [Theory]
    [InlineData("gpu.nvidia.com/model=H100_NVLINK_80GB gpu.nvidia.com/vram=81 gpu.nvidia.com/count=8", "79.1 GiB (CoreWeaveLabels)")]
    [InlineData("gpu.nvidia.com/class=A100_NVLINK_80GB gpu.nvidia.com/vram=81", "79.2 GiB (CoreWeaveLabels)")]
    [InlineData("gpu.nvidia.com/model=H200 gpu.nvidia.com/vram=143", "139.8 GiB (CoreWeaveLabels)")]
    [InlineData("gpu.nvidia.com/model=Next_GPU gpu.nvidia.com/vram=81", "77.8 GiB (CoreWeaveLabels)")]
    [InlineData("gpu.nvidia.com/model=Next_GPU", "unknown (Unknown)")]
    [InlineData("gpu.nvidia.com/class=A40 gpu.nvidia.com/vram=999", "unknown (Unknown)")]
    [InlineData("gpu.nvidia.com/class=A40 gpu.nvidia.com/vram=4", "unknown (Unknown)")]
    [InlineData("gpu.nvidia.com/class=A40 gpu.nvidia.com/vram=48", "44.3 GiB (CoreWeaveLabels)")]
    [InlineData("karpenter.azure.com/sku-name=Standard_ND96isr_H100_v5 karpenter.azure.com/sku-gpu-name=H100", "79.1 GiB (InstanceType)")]
    [InlineData("karpenter.azure.com/sku-gpu-name=T4 karpenter.azure.com/sku-gpu-count=8", "14.6 GiB (AcceleratorName)")]
    [InlineData("karpenter.azure.com/sku-gpu-name=A100", "unknown (Unknown)")]
    [InlineData("node.kubernetes.io/instance-type=BM.GPU.A100-v2.8", "79.2 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=gpu_8x_h100_sxm5", "79.1 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=g6f.xlarge", "unknown (Unknown)")]
    [InlineData("node.kubernetes.io/instance-type=g5.xlarge", "unknown (Unknown)")]
    [InlineData("node.kubernetes.io/instance-type=m5.large", "unknown (Unknown)")]
    [InlineData("aliyun.accelerator/nvidia_name=NVIDIA-A10 aliyun.accelerator/nvidia_mem=23028MiB aliyun.accelerator/nvidia_count=8", "22.2 GiB (AlibabaLabels)")]
    [InlineData("aliyun.accelerator/nvidia_name=NVIDIA-L20 aliyun.accelerator/nvidia_mem=46068MiB", "44.4 GiB (AlibabaLabels)")]
    [InlineData("aliyun.accelerator/nvidia_name=Tesla-P4 aliyun.accelerator/nvidia_mem=7611MiB", "6.9 GiB (AlibabaLabels)")]
    [InlineData("aliyun.accelerator/nvidia_name=NVIDIA-A10 aliyun.accelerator/nvidia_mem=23028MiB aliyun.accelerator/nvidia_count=1", "unknown (Unknown)")]
    [InlineData("aliyun.accelerator/nvidia_name=NVIDIA-A10 aliyun.accelerator/nvidia_mem=81920MiB", "unknown (Unknown)")]
    [InlineData("aliyun.accelerator/nvidia_name=T4 aliyun.accelerator/nvidia_mem=16GiB", "14.6 GiB (Catalogue)")]
    [InlineData("aliyun.accelerator/nvidia_name=PPU aliyun.accelerator/nvidia_mem=16GiB", "unknown (Unknown)")]
    [InlineData("node.kubernetes.io/instance-type=gx3d.160x1792.8h200", "139.8 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=h100-80gb-sxm-ib.8x", "79.1 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=gpu-h100-sxm", "79.1 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=gpu-b200-sxm-a", "178.3 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=gpu-rtx6000", "95.0 GiB (InstanceType)")]
    [InlineData("node.kubernetes.io/instance-type=gpu-h200x8-1128gb doks.digitalocean.com/gpu-model=h200", "139.8 GiB (InstanceType)")]
    [InlineData("doks.digitalocean.com/gpu-model=h100", "unknown (Unknown)")]
    [InlineData("k8s.amazonaws.com/accelerator=nvidia-h100", "unknown (Unknown)")]
    [InlineData("k8s.amazonaws.com/accelerator=nvidia-l4", "22.0 GiB (AcceleratorName)")]
    public void Other_clouds(string labels, string said) => Assert.Equal($"nvidia.com/gpu: 8 x {said}", Read(labels, ("nvidia.com/gpu", 8)));

    [Theory]
    [InlineData("nvidia.com/gpu.product=NVIDIA-L4 nvidia.com/gpu.memory=23034 nvidia.com/gpu.count=4", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-L4 nvidia.com/gpu.memory=23034 nvidia.com/gpu.count=8", "22.0 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/gpu.memory=85520", "79.1 GiB (Catalogue)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-GeForce-RTX-4060-Ti nvidia.com/gpu.memory=16380", "15.5 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/gpu.product=Next-GPU nvidia.com/gpu.memory=80", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-L4 nvidia.com/gpu.memory=81559", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-L4 nvidia.com/gpu.memory=8192", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-L4 nvidia.com/gpu.memory=24570", "22.0 GiB (Catalogue)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-H20 nvidia.com/gpu.memory=143771", "138.0 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB-MIG-3g.40gb nvidia.com/gpu.memory=81920 nvidia.com/mig.strategy=single", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-H100-PCIe-MIG-3g.40gb nvidia.com/gpu.memory=81559 nvidia.com/mig.strategy=single", "unknown (Unknown)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB-MIG-3g.40gb nvidia.com/gpu.memory=40192 nvidia.com/mig.strategy=single", "38.6 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/gpu.product=Next-GPU karpenter.k8s.aws/instance-gpu-name=l4 karpenter.k8s.aws/instance-gpu-memory=22888", "22.0 GiB (KarpenterLabels)")]
    [InlineData("nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3-MIG-INVALID nvidia.com/gpu.memory=0 node.kubernetes.io/instance-type=p5.48xlarge", "unknown (Unknown)")]
    public void Nvidia(string labels, string said) => Assert.Equal($"nvidia.com/gpu: 8 x {said}", Read(labels, ("nvidia.com/gpu", 8)));

    /// <summary>nvidia-smi of cards with "Off" below ECC: 49140MiB (A40, L40S), 16384 (T4), 24564 (A10); 16/15 of what they have with it.</summary>
    [Theory]
    [InlineData("NVIDIA-L40S", 49140)]
    [InlineData("NVIDIA-A40", 49140)]
    [InlineData("NVIDIA-A10", 24564)]
    [InlineData("NVIDIA-L4", 24570)]
    [InlineData("Tesla-T4", 16384)]
    public void A_card_whose_ECC_is_off_has_what_ECC_takes_perhaps(string product, int mib)
    {
        var node = Nodes.Read(Nodes.Of("n", 8, ("nvidia.com/gpu.product", product), ("nvidia.com/gpu.memory", $"{mib}"), ("nvidia.com/gpu.count", "8")))!;

        Assert.True(node.UsableMemory!.Value.Value < (long)mib << 20);
        Assert.Equal((long)mib << 20, node.LargestMemory!.Value.Value);
    }

    [Theory]
    [InlineData("NVIDIA-L4", 24150)]
    [InlineData("NVIDIA-H100-80GB-HBM3", 85520)]
    public void A_figure_in_the_wrong_unit_is_not_what_there_may_be(string product, int mib)
    {
        var node = Nodes.Read(Nodes.Of("n", 8, ("nvidia.com/gpu.product", product), ("nvidia.com/gpu.memory", $"{mib}")))!;

        Assert.Equal(node.UsableMemory, node.LargestMemory);
    }

    [Theory]
    [InlineData("gpu.nvidia.com/model=Next_GPU gpu.nvidia.com/vram=97", 98_000)]
    [InlineData("karpenter.k8s.aws/instance-gpu-name=next-gpu karpenter.k8s.aws/instance-gpu-memory=40000", 40_000)]
    [InlineData("karpenter.k8s.aws/instance-gpu-name=l4 karpenter.k8s.aws/instance-gpu-memory=11444", 11_444)]
    [InlineData("node.kubernetes.io/instance-type=g6f.4xlarge", 11_444)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-rtx-pro-6000 node.kubernetes.io/instance-type=g4-standard-12", 24_471)]
    public void Of_a_card_or_part_that_nobody_measured_a_pod_may_get_all_that_the_cloud_says(string labels, int mib) =>
        Assert.Equal((long)mib << 20, Nodes.Inventory(Nodes.Of("n", 1, [.. labels.Split(' ').Select(label => label.Split('=')).Select(pair => (pair[0], pair[1]))])).Pools[0].LargestMemory!.Value.Value);

    [Theory]
    [InlineData("nvidia.com/gpu.replicas=1", "79.1 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/gpu.replicas=4 nvidia.com/gpu.sharing-strategy=time-slicing", "unknown (Unknown)")]
    public void A_node_that_has_lost_a_GPU_is_of_the_others(string labels, string said) => Assert.Equal($"nvidia.com/gpu: 7 x {said}", Read(
        $"nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/gpu.memory=81559 nvidia.com/gpu.count=8 {labels}", ("nvidia.com/gpu", 7)));

    [Theory]
    [InlineData("nvidia.com/mig-3g.20gb.shared", "nvidia.com/mig-3g.20gb.product=NVIDIA-A100-SXM4-40GB-MIG-3g.20gb nvidia.com/mig-3g.20gb.memory=19968 nvidia.com/mig-3g.20gb.replicas=2", "9.6 GiB (FeatureDiscovery)")]
    [InlineData("nvidia.com/mig-3g.20gb.shared", "nvidia.com/mig-3g.20gb.product=NVIDIA-A100-SXM4-40GB-MIG-3g.20gb nvidia.com/mig-3g.20gb.memory=19968", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-1g.10gb", "node.kubernetes.io/instance-type=p5.48xlarge", "9.6 GiB (InstanceType)")]
    [InlineData("nvidia.com/mig-1g.10gb.me", "nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB", "9.3 GiB (Catalogue)")]
    [InlineData("nvidia.com/mig-1g.10gb", "", "8.3 GiB (Catalogue)")]
    [InlineData("nvidia.com/mig-1g.10gb", "nvidia.com/mig-1g.10gb.memory=99840", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-9g.99gb", "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/gpu.memory=81559", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-7g.99gb", "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/gpu.memory=81559", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-9g.99gb", "", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-4g.90gb", "nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/mig-4g.90gb.memory=92160", "unknown (Unknown)")]
    [InlineData("nvidia.com/mig-huge", "nvidia.com/gpu.product=NVIDIA-A100-SXM4-80GB", "unknown (Unknown)")]
    public void Mig(string resource, string labels, string said) => Assert.Equal($"{resource}: 4 x {said}", Read(labels, (resource, 4)));

    [Theory]
    [InlineData("""[{"id":"GPU-0","count":10,"devmem":32768,"devcore":100,"type":"NVIDIA-Tesla V100-PCIE-32GB","mode":"hami-core","health":true},{"id":"GPU-1","count":10,"devmem":32768,"type":"NVIDIA-Tesla V100-PCIE-32GB"}]""", "2 x 31.7 GiB (DeviceRegister)")]
    [InlineData("GPU-0,10,49140,100,NVIDIA-NVIDIA GeForce RTX 4090,0,true,0,hami-core:", "1 x 23.5 GiB (DeviceRegister)")]
    [InlineData("GPU-0,10,24564,100,NVIDIA-NVIDIA GeForce RTX 4090,0,true:GPU-1,10,40960,100,NVIDIA-NVIDIA A100-PCIE-40GB,0,true:", "2 x unknown (Unknown)")]
    [InlineData("GPU-0,10,40960,100,NVIDIA-NVIDIA A100-PCIE-40GB,0,true,0,mig:", "1 x unknown (Unknown)")]
    [InlineData("nonsense", "20 x unknown (Unknown)")]
    [InlineData("[{]", "20 x unknown (Unknown)")]
    public void Hami(string register, string said)
    {
        var node = Nodes.Of("n", 20);
        node.Metadata.Annotations = new Dictionary<string, string> { ["hami.io/node-nvidia-register"] = register };

        Assert.Equal($"nvidia.com/gpu: {said}", Pools.Said(Nodes.Inventory(node)));
    }

    [Fact]
    public void GPUs_that_the_device_plugin_calls_otherwise_are_a_pool_by_that_name() => Assert.Equal(
        "nvidia.com/a100: 4 x 79.2 GiB (FeatureDiscovery); nvidia.com/l4.shared: 8 x 5.5 GiB (FeatureDiscovery)",
        Read("nvidia.com/a100.product=NVIDIA-A100-SXM4-80GB nvidia.com/a100.memory=81920 nvidia.com/a100.count=4 nvidia.com/l4.product=NVIDIA-L4 nvidia.com/l4.memory=23034 nvidia.com/l4.count=2 nvidia.com/l4.replicas=4",
            ("nvidia.com/a100", 4), ("nvidia.com/l4.shared", 8), ("nvidia.com/hostdev", 8)));

    [Fact]
    public void GPUs_that_are_cut_are_counted_and_not_offered_whole() => Assert.Equal(
        "nvidia.com/gpu: 4 x 79.1 GiB (FeatureDiscovery); nvidia.com/mig-1g.10gb: 28 x 9.6 GiB (Catalogue)",
        Read("nvidia.com/gpu.product=NVIDIA-H100-80GB-HBM3 nvidia.com/gpu.memory=81559 nvidia.com/gpu.count=8", ("nvidia.com/gpu", 4), ("nvidia.com/mig-1g.10gb", 28)));

    [Fact]
    public void What_disagrees_is_named_with_both_figures()
    {
        var reason = Nodes.Inventory(Nodes.Of("n", 8, ("nvidia.com/gpu.product", "NVIDIA-L4"), ("nvidia.com/gpu.memory", "81559"))).Entries[0].Reason;

        Assert.Contains("81559", reason, StringComparison.Ordinal);
        Assert.Contains("23034", reason, StringComparison.Ordinal);
        Assert.Contains("NVIDIA-L4", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-h100-80gb", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-h100-mega-80gb", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-h200-141gb", "NVIDIA-H200", 8)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-a100-80gb", "NVIDIA-A100-SXM4-80GB", 8)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-tesla-a100", "NVIDIA-A100-SXM4-40GB", 8)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-gb200", "NVIDIA-GB200", 72)]
    [InlineData("cloud.google.com/gke-accelerator=nvidia-l4", "NVIDIA-L4", 1)]
    [InlineData("karpenter.k8s.aws/instance-gpu-name=h100 karpenter.k8s.aws/instance-gpu-memory=81920", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("gpu.nvidia.com/class=H100 gpu.nvidia.com/vram=81", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("gpu.nvidia.com/model=H100_PCIE gpu.nvidia.com/vram=81", "NVIDIA-H100-PCIe", 2)]
    [InlineData("node.kubernetes.io/instance-type=a3-highgpu-8g", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("node.kubernetes.io/instance-type=a3-megagpu-8g", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("node.kubernetes.io/instance-type=Standard_NC40ads_H100_v5", "NVIDIA-H100-NVL", 2)]
    [InlineData("node.kubernetes.io/instance-type=Standard_ND96isr_H100_v5", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("node.kubernetes.io/instance-type=Standard_NC96ads_A100_v4", "NVIDIA-A100-80GB-PCIe", 2)]
    [InlineData("node.kubernetes.io/instance-type=BM.GPU.H100.8", "NVIDIA-H100-80GB-HBM3", 8)]
    [InlineData("node.kubernetes.io/instance-type=p6e-gb200.36xlarge", "NVIDIA-GB200", 72)]
    [InlineData("node.kubernetes.io/instance-type=BM.GPU.GB300.4", "NVIDIA-GB300", 72)]
    [InlineData("node.kubernetes.io/instance-type=gb200-186gb-nvl-ib.4x", "NVIDIA-GB200", 72)]
    public void The_card_of_a_cloud_is_on_the_board_that_the_cloud_has(string labels, string product, int linked)
    {
        var node = Nodes.Read(Nodes.Of("n", 1, [.. labels.Split(' ').Select(label => label.Split('=')).Select(pair => (pair[0], pair[1]))]))!;

        Assert.Equal((product, linked), (node.Product, node.NvLinkDomain));
    }

    [Fact]
    public void What_is_not_known_always_has_a_reason()
    {
        var inventory = Nodes.Inventory(Nodes.Of("a", 8), Nodes.With("b", [("amd.com/gpu", 8)]), Nodes.With("c", [("habana.ai/gaudi", 8)]), Nodes.With("d", [("volcano.sh/vgpu-number", 8)]), Nodes.With("e", [("gpu.intel.com/i915", 8)]));

        Assert.Equal(5, inventory.Entries.Count);
        Assert.All(inventory.Entries, entry => Assert.False(string.IsNullOrEmpty(entry.Reason)));
    }

    private static string Read(string labels, params (string, int)[] offers) => Pools.Said(Nodes.Inventory(Nodes.With("n", offers, [.. labels
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(label => label.Split('=', 2))
        .Select(pair => (pair[0], pair[1]))])));
}
