using System.Globalization;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests.Capacity;

/// <summary>Nodes as people have them, in <c>nodes</c>: what their GPUs are, how many, and how much of one a process gets.</summary>
/// <remarks>Those from n34 on, but for n57, are put together from the labels that their makers document.</remarks>
public sealed class NodeDumpTests
{
    public static string Folder => Path.Combine(RepositoryRoot.Path, "tests", "Api.Tests", "Capacity", "nodes");

    [Theory]
    [InlineData("b01-a100-80-sxm", "nvidia.com/gpu: 8 x 79.2 GiB (FeatureDiscovery)")]
    [InlineData("b02-a100-80-pcie", "nvidia.com/gpu: 4 x 79.2 GiB (FeatureDiscovery)")]
    [InlineData("b03-a100-40-old-label", "nvidia.com/gpu: 4 x 39.4 GiB (FeatureDiscovery)")]
    [InlineData("b04-h100-pcie", "nvidia.com/gpu: 8 x 79.1 GiB (FeatureDiscovery)")]
    [InlineData("b06-h200", "nvidia.com/gpu: 8 x 139.8 GiB (FeatureDiscovery)")]
    [InlineData("b07-gh200", "nvidia.com/gpu: 1 x 94.5 GiB (FeatureDiscovery)")]
    [InlineData("b08-b200", "nvidia.com/gpu: 8 x 178.3 GiB (FeatureDiscovery)")]
    [InlineData("b09-gb200", "nvidia.com/gpu: 4 x 184.3 GiB (FeatureDiscovery)")]
    [InlineData("b11b-b300-nolabelmem", "nvidia.com/gpu: 8 x 267.7 GiB (Catalogue)")]
    [InlineData("b12-rtxpro6000-se", "nvidia.com/gpu: 8 x 95.0 GiB (FeatureDiscovery)")]
    [InlineData("b13-l4", "nvidia.com/gpu: 4 x 22.0 GiB (FeatureDiscovery)")]
    [InlineData("b14-l40s", "nvidia.com/gpu: 8 x 44.4 GiB (FeatureDiscovery)")]
    [InlineData("b15-t4", "nvidia.com/gpu: 4 x 14.6 GiB (FeatureDiscovery)")]
    [InlineData("b16-4090", "nvidia.com/gpu: 4 x 23.5 GiB (FeatureDiscovery)")]
    [InlineData("b17-5090", "nvidia.com/gpu: 4 x 31.3 GiB (FeatureDiscovery)")]
    [InlineData("b18-gb10-spark", "nvidia.com/gpu: 1 x 101.3 GiB (Catalogue)")]
    [InlineData("b19-mig-single", "nvidia.com/gpu: 14 x 4.7 GiB (FeatureDiscovery)")]
    [InlineData("b20-mig-mixed",
        "nvidia.com/mig-1g.10gb: 16 x 9.6 GiB (FeatureDiscovery); nvidia.com/mig-2g.20gb: 8 x 19.3 GiB (FeatureDiscovery); nvidia.com/mig-3g.40gb: 8 x 38.8 GiB (FeatureDiscovery)")]
    [InlineData("b22-timeslice-shared", "nvidia.com/gpu: 4 x 5.5 GiB (FeatureDiscovery)")]
    [InlineData("b23-timeslice-renamed", "nvidia.com/gpu.shared: 4 x 5.5 GiB (FeatureDiscovery)")]
    [InlineData("b24-mps", "nvidia.com/gpu: 4 x 11.1 GiB (FeatureDiscovery)")]
    [InlineData("b26-vgpu", "nvidia.com/gpu: 1 x 19.5 GiB (FeatureDiscovery)")]
    [InlineData("b27-gpumem-bytes", "nvidia.com/gpu: 8 x 79.2 GiB (FeatureDiscovery)")]
    [InlineData("b28-gpumem-zero", "nvidia.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("b30-amd-mi300x", "amd.com/gpu: 8 x 192.0 GiB (AmdLabels)")]
    [InlineData("b32-amd-cpx", "amd.com/gpu: 64 x 24.0 GiB (AmdLabels)")]
    [InlineData("b34-intel-xe", "gpu.intel.com/xe: 4 x 47.2 GiB (IntelLabels)")]
    [InlineData("b35-gaudi3", "habana.ai/gaudi: 8 x 125.8 GiB (IntelLabels)")]
    [InlineData("b40-gke-l4", "nvidia.com/gpu: 1 x 22.0 GiB (GkeLabels)")]
    [InlineData("b42-gke-mig", "nvidia.com/gpu: 2 x 19.2 GiB (GkeLabels)")]
    [InlineData("b44-eks-mng-no-gfd", "nvidia.com/gpu: 8 x 79.1 GiB (InstanceType)")]
    [InlineData("b45-karpenter-aws-no-gfd", "nvidia.com/gpu: 1 x 22.0 GiB (KarpenterLabels)")]
    [InlineData("b47-aks-no-gfd", "nvidia.com/gpu: 1 x 79.2 GiB (InstanceType)")]
    [InlineData("b49-oci-no-gfd", "nvidia.com/gpu: 8 x 79.1 GiB (InstanceType)")]
    [InlineData("b51-hami", "nvidia.com/gpu: 1 x 39.4 GiB (DeviceRegister)")]
    [InlineData("b52b-a100-40-8gpu", "nvidia.com/gpu: 8 x 39.4 GiB (FeatureDiscovery)")]
    [InlineData("b53-volcano-vgpu", "volcano.sh/vgpu-number: 1 x 39.3 GiB (DeviceRegister)")]
    [InlineData("b54-dra-only-node", "nvidia.com/gpu: 4 x 184.3 GiB (FeatureDiscovery)")]
    [InlineData("b54b-dra-only-nogfd", "")]
    [InlineData("c11-scaleup-race", "nvidia.com/gpu: 1 x 22.0 GiB (FeatureDiscovery)")]
    [InlineData("n01-volcano-pieces", "volcano.sh/vgpu-number: 2 x 23.5 GiB (DeviceRegister)")]
    [InlineData("n02-volcano-renamed", "nvidia.com/vgpu: 2 x 23.5 GiB (DeviceRegister)")]
    [InlineData("n03-volcano-pieces-of-unknown", "volcano.sh/vgpu-number: 2 x unknown (Unknown)")]
    [InlineData("n04-hami-amd", "amd.com/gpu: 8 x 192.0 GiB (DeviceRegister)")]
    [InlineData("n05-ascend910", "huawei.com/Ascend910: 8 x unknown (Unknown)")]
    [InlineData("n06-metax", "metax-tech.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("n07-trainium2", "aws.amazon.com/neuron: 16 x unknown (Unknown)")]
    [InlineData("n08-tpu-v6e", "google.com/tpu: 4 x unknown (Unknown)")]
    [InlineData("n09-rebellions", "rebellions.ai/ATOM: 4 x unknown (Unknown)")]
    [InlineData("n10-v100-and-mlu", "nvidia.com/gpu: 2 x 31.7 GiB (DeviceRegister); cambricon.com/vmlu: 20 x unknown (Unknown)")]
    [InlineData("n11-ack-cgpu", "aliyun.com/gpu-mem: 1 x 22.2 GiB (AlibabaLabels)")]
    [InlineData("n12-gpushare-nolabel", "aliyun.com/gpu-mem: 1 x 14.5 GiB (DeviceRegister)")]
    [InlineData("n13-tencent-vcuda", "tencent.com/vcuda-core: 2 x 14.3 GiB (DeviceRegister)")]
    [InlineData("n14-volcengine-mgpu", "vke.volcengine.com/mgpu-memory: 4 x 21.5 GiB (DeviceRegister)")]
    [InlineData("n15-hyperpod-h100", "nvidia.com/gpu: 8 x 79.1 GiB (InstanceType)")]
    [InlineData("n16-nebius-h100", "nvidia.com/gpu: 8 x 79.1 GiB (AcceleratorName)")]
    [InlineData("n17-mi250-mcm", "amd.com/gpu: 8 x 64.0 GiB (AmdLabels)")]
    [InlineData("n18-gaudi2-hl-225h", "habana.ai/gaudi: 8 x 94.6 GiB (IntelLabels)")]
    [InlineData("n19-4090-48gb", "nvidia.com/gpu: 2 x unknown (Unknown)")]
    [InlineData("n20-h800-pcie", "nvidia.com/gpu: 2 x 78.3 GiB (FeatureDiscovery)")]
    [InlineData("n21-cce-t4", "nvidia.com/gpu: 1 x 14.6 GiB (AcceleratorName)")]
    [InlineData("n22-intel-b60", "gpu.intel.com/xe: 4 x 22.7 GiB (Catalogue)")]
    [InlineData("n23-eks-h100-name", "nvidia.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("n24-kata-a10", "nvidia.com/GA102GL_A10: 2 x 22.2 GiB (AcceleratorName)")]
    [InlineData("n25-kubevirt-vgpu",
        "nvidia.com/GH100_H100_SXM5_80GB: 4 x 79.1 GiB (AcceleratorName); nvidia.com/GV100GL_Tesla_V100: 2 x unknown (Unknown); nvidia.com/NVIDIA_A10-24Q: 1 x 23.5 GiB (AcceleratorName)")]
    [InlineData("n26-scaleway-l40s", "nvidia.com/gpu: 2 x 44.4 GiB (InstanceType)")]
    [InlineData("n27-ovh-h100", "nvidia.com/gpu: 2 x 79.1 GiB (InstanceType)")]
    [InlineData("n28-vultr-a40-third", "nvidia.com/gpu: 1 x 15.5 GiB (InstanceType)")]
    [InlineData("n29-lke-rtx4000", "nvidia.com/gpu: 2 x 19.5 GiB (InstanceType)")]
    [InlineData("n30-tke-p40", "nvidia.com/gpu: 2 x 22.0 GiB (InstanceType)")]
    [InlineData("n31-gke-p100", "nvidia.com/gpu: 4 x 15.9 GiB (GkeLabels)")]
    [InlineData("n33-koordinator-h20", "nvidia.com/gpu: 8 x 95.0 GiB (DeviceRegister)")]
    [InlineData("n32-p2-k80", "nvidia.com/gpu: 16 x 10.7 GiB (FeatureDiscovery)")]
    [InlineData("n34-nrp-a100", "nvidia.com/a100: 8 x 79.2 GiB (FeatureDiscovery)")]
    [InlineData("n35-nrp-a6000", "nvidia.com/rtxa6000: 8 x 47.5 GiB (FeatureDiscovery)")]
    [InlineData("n36-amd-two-kinds", "amd.com/gpu: 8 x unknown (Unknown)")]
    [InlineData("n37-gke-gb300", "nvidia.com/gpu: 4 x 276.5 GiB (GkeLabels)")]
    [InlineData("n38-gke-mig-shared", "nvidia.com/gpu: 21 x 1.6 GiB (GkeLabels)")]
    [InlineData("n39-gke-mps", "nvidia.com/gpu: 8 x 5.5 GiB (GkeLabels)")]
    [InlineData("n40-aks-a10-third", "nvidia.com/gpu: 1 x 7.5 GiB (InstanceType)")]
    [InlineData("n41-aks-mi300x", "amd.com/gpu: 8 x 192.0 GiB (InstanceType)")]
    [InlineData("n42-eks-auto-h100", "nvidia.com/gpu: 8 x 79.1 GiB (KarpenterLabels)")]
    [InlineData("n43-karpenter-l4-eighth", "nvidia.com/gpu: 1 x 2.3 GiB (InstanceType)")]
    [InlineData("n44-ibm-h100", "nvidia.com/gpu: 8 x 79.1 GiB (InstanceType)")]
    [InlineData("n45-oci-mi355x", "amd.com/gpu: 8 x 288.0 GiB (InstanceType)")]
    [InlineData("n46-coreweave-gb200", "nvidia.com/gpu: 4 x 184.3 GiB (CoreWeaveLabels)")]
    [InlineData("n47-ack-l20", "nvidia.com/gpu: 2 x 44.4 GiB (AlibabaLabels)")]
    [InlineData("n48-hami-json", "nvidia.com/gpu: 2 x 23.5 GiB (DeviceRegister)")]
    [InlineData("n49-hami-mig", "nvidia.com/gpu: 1 x unknown (Unknown)")]
    [InlineData("n50-intel-max-1550", "gpu.intel.com/i915: 2 x 64.0 GiB (Catalogue)")]
    [InlineData("n51-mi355x", "amd.com/gpu: 8 x 288.0 GiB (AmdLabels)")]
    [InlineData("n52-mi300a", "amd.com/gpu: 4 x 96.0 GiB (AmdLabels)")]
    [InlineData("n53-mig-h200", "nvidia.com/mig-1g.18gb: 56 x 15.7 GiB (FeatureDiscovery)")]
    [InlineData("n54-mig-single-shared", "nvidia.com/gpu: 112 x 2.3 GiB (FeatureDiscovery)")]
    [InlineData("n55-vgpu-l40s", "nvidia.com/gpu: 1 x 47.2 GiB (FeatureDiscovery)")]
    [InlineData("n56-jetson-orin", "nvidia.com/gpu: 1 x unknown (Unknown)")]
    [InlineData("n57-1660ti-shared", "nvidia.com/gpu: 6 x 0.9 GiB (FeatureDiscovery)")]
    [InlineData("n58-doks-mi325x", "amd.com/gpu: 8 x 256.0 GiB (AcceleratorName)")]
    [InlineData("n59-nebius-h200", "nvidia.com/gpu: 8 x 139.8 GiB (AcceleratorName)")]
    [InlineData("n60-h20-3e", "nvidia.com/gpu: 8 x 138.0 GiB (FeatureDiscovery)")]
    [InlineData("n61-ack-topology", "aliyun.com/gpu: 8 x 31.7 GiB (AlibabaLabels)")]
    [InlineData("n62-gb10-shared", "nvidia.com/gpu: 4 x 25.3 GiB (Catalogue)")]
    [InlineData("n63-a10g-shared", "nvidia.com/gpu: 10 x 2.2 GiB (FeatureDiscovery)")]
    [InlineData("n64-a10g-replicas-wrong", "nvidia.com/gpu: 10 x unknown (Unknown)")]
    [InlineData("n65-p2000-renamed", "nvidia.com/gpu.shared: 4 x 1.1 GiB (FeatureDiscovery)")]
    [InlineData("n66-mig-label-of-another-name", "nvidia.com/mig-3g.20gb: 16 x 19.2 GiB (Catalogue)")]
    [InlineData("n67-mig-beside-whole", "nvidia.com/gpu: 2 x 79.2 GiB (FeatureDiscovery); nvidia.com/mig-1g.10gb: 6 x 9.3 GiB (FeatureDiscovery); nvidia.com/mig-2g.20gb: 4 x 19.2 GiB (Catalogue)")]
    [InlineData("n68-mi300x-vf", "amd.com/gpu: 1 x 192.0 GiB (AmdLabels)")]
    [InlineData("n69-mi300x-no-vram", "amd.com/gpu: 8 x 192.0 GiB (Catalogue)")]
    [InlineData("n70-strix-halo", "amd.com/gpu: 1 x unknown (Unknown)")]
    [InlineData("n71-rtxpro6000-maxq", "nvidia.com/gpu: 1 x 95.0 GiB (FeatureDiscovery)")]
    [InlineData("n72-rtxpro6000-gfx", "nvidia.com/mig-1g.24gb.gfx: 4 x 22.7 GiB (Catalogue)")]
    [InlineData("n73-gb200-mig", "nvidia.com/mig-1g.24gb: 28 x 19.7 GiB (Catalogue)")]
    [InlineData("n74-gke-mig-timeshared", "nvidia.com/gpu: 9 x 3.2 GiB (GkeLabels)")]
    [InlineData("n75-oci-b4", "nvidia.com/gpu: 8 x 39.4 GiB (InstanceType)")]
    [InlineData("n76-coreweave-gb300", "nvidia.com/gpu: 4 x 276.5 GiB (CoreWeaveLabels)")]
    [InlineData("n77-aks-h100-nvl", "nvidia.com/gpu: 2 x 93.0 GiB (InstanceType)")]
    [InlineData("n78-kubevirt-p40-vgpu", "nvidia.com/GRID_P40-1Q: 1 x 0.5 GiB (AcceleratorName)")]
    [InlineData("n79-h100-passed-through", "nvidia.com/GH100_H100_SXM5_80GB: 8 x 79.1 GiB (AcceleratorName)")]
    [InlineData("n80-nos-mps", "nvidia.com/gpu-10gb: 3 x unknown (Unknown); nvidia.com/gpu-5gb: 2 x unknown (Unknown)")]
    [InlineData("n81-two-models", "nvidia.com/gpu: 3 x unknown (Unknown)")]
    [InlineData("n82-one-gpu-lost", "nvidia.com/gpu: 7 x 79.2 GiB (FeatureDiscovery)")]
    [InlineData("n83-thor-no-memory", "nvidia.com/gpu: 1 x unknown (Unknown)")]
    [InlineData("n84-a30-mig-single", "nvidia.com/gpu: 4 x 11.5 GiB (FeatureDiscovery)")]
    [InlineData("n85-tpu7x", "google.com/tpu: 4 x unknown (Unknown)")]
    [InlineData("n86-inferentia2", "aws.amazon.com/neuron: 12 x unknown (Unknown)")]
    [InlineData("n87-gb300-other-label", "nvidia.com/gpu: 4 x unknown (Unknown)")]
    [InlineData("n88-doks-h200", "nvidia.com/gpu: 8 x 139.8 GiB (InstanceType)")]
    [InlineData("n89-oci-rtxpro", "nvidia.com/gpu: 8 x 95.0 GiB (InstanceType)")]
    [InlineData("n90-ibm-mi300x", "amd.com/gpu: 8 x 192.0 GiB (InstanceType)")]
    [InlineData("n91-ibm-gaudi3", "habana.ai/gaudi: 8 x 125.8 GiB (InstanceType)")]
    [InlineData("n92-ack-h20", "nvidia.com/gpu: 4 x 95.0 GiB (InstanceType)")]
    [InlineData("n93-tke-qgpu", "tke.cloud.tencent.com/qgpu-core: 1 x 43.3 GiB (DeviceRegister)")]
    [InlineData("n94-tke-vgpu", "nvidia.com/gpu: 1 x 3.5 GiB (InstanceType)")]
    public void A_dump_is_read_as_what_it_is(string file, string pools) => Assert.Equal(pools, Pools.Said(Nodes(file)));

    /// <summary>What is more than this is refused, and what lies between is at risk: nobody knows that it does not run.</summary>
    [Theory]
    [InlineData("n02-volcano-renamed", 48.0)]
    [InlineData("n12-gpushare-nolabel", 16.0)]
    [InlineData("n19-4090-48gb", 48.0)]
    [InlineData("n20-h800-pcie", 79.6)]
    [InlineData("n23-eks-h100-name", 93.0)]
    [InlineData("b24-mps", 11.1)]
    [InlineData("b26-vgpu", 20.0)]
    [InlineData("b06-h200", 139.8)]
    public void A_process_finds_no_more_than_a_card_of_that_name_may_have(string file, double gib) =>
        Assert.Equal(gib, Math.Round((Nodes(file).Pools[0].LargestMemory ?? Nodes(file).Pools[0].UsableMemory)!.Value.GiB, 1));

    [Theory]
    [InlineData("n05-ascend910", "the memory of huawei.com/Ascend910 is not known, and no pod is held against it; declare spec.memoryPerGPU in a GpuPool to have that")]
    [InlineData("n03-volcano-pieces-of-unknown", "volcano.sh/node-vgpu-register: NVIDIA GeForce GTX 1080 Ti is listed with 1126, which may be pieces of more than a MiB (--gpu-memory-factor)")]
    [InlineData("n23-eks-h100-name", "k8s.amazonaws.com/accelerator: 'nvidia-h100' does not tell the memory of a GPU")]
    [InlineData("n64-a10g-replicas-wrong", "nvidia.com/gpu.count: 1 GPU is labelled and 10 are offered: two models in one node, or GPUs that are divided")]
    [InlineData("n83-thor-no-memory", "nvidia.com/gpu.memory: 0 means that no memory could be read (a broken MIG layout, or a GPU without memory of its own)")]
    [InlineData("n87-gb300-other-label", "nvidia.com/gpu.memory: 245760 MiB, and NVIDIA-GB300 (NVIDIA GB300 (per GPU)) has 284208: neither is relied on")]
    [InlineData("n36-amd-two-kinds", "amd.com/gpu.vram: two kinds of GPU in one node, 192G and 64G")]
    public void What_is_not_known_says_why(string file, string reason) => Assert.Equal(reason, Nodes(file).Entries[0].Reason);

    /// <summary>Of a GPU that has the node's memory as its own it is what all of it together is, but not of a share of one.</summary>
    [Theory]
    [InlineData("b18-gb10-spark", true)]
    [InlineData("n62-gb10-shared", false)]
    public void A_share_is_shown_as_that_share(string file, bool isWhole) => Assert.Equal(isWhole, Nodes(file).Pools[0].SharesMemoryWithHost);

    /// <summary>What goes to virtual machines is held against who asks for it by name, and given to nobody else.</summary>
    [Fact]
    public void Cards_that_are_passed_through_are_for_those_that_name_them()
    {
        Assert.Equal(["nvidia.com/GA102GL_A10"], PoolReach.Of(Nodes("n24-kata-a10"), new k8s.Models.V1PodSpec(), "nvidia.com/GA102GL_A10").Pools.Select(pool => pool.ResourceName));
        Assert.Empty(PoolReach.Of(Nodes("n24-kata-a10"), new k8s.Models.V1PodSpec(), null).Pools);
    }

    /// <summary>A pod that asks for nothing yet is made to ask for GPUs, not for what nobody here can size.</summary>
    [Fact]
    public void Other_accelerators_are_seen_and_no_pod_is_held_against_them() =>
        Assert.Equal(["nvidia.com/gpu"], PoolReach.Of(Nodes("n10-v100-and-mlu"), new k8s.Models.V1PodSpec(), null).Pools.Select(pool => pool.ResourceName));

    [Fact]
    public void No_dump_is_left_out()
    {
        var tested = typeof(NodeDumpTests).GetMethod(nameof(A_dump_is_read_as_what_it_is))!.GetCustomAttributes(typeof(InlineDataAttribute), false)
            .Cast<InlineDataAttribute>().Select(row => (string)row.Data[0]!).Concat(ResourceSliceDumpTests.Files);

        Assert.Equal(Directory.GetFiles(Folder).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal), tested.Order(StringComparer.Ordinal));
    }

    private static PoolInventory Nodes(string file) =>
        InventoryBuilder.Build(KubernetesYaml.LoadAllFromString<V1Node>(File.ReadAllText(Path.Combine(Folder, file + ".yaml"))), []);
}

/// <summary>Pools in words, one after another.</summary>
internal static class Pools
{
    public static string Said(PoolInventory inventory) => string.Join("; ", inventory.Entries.Select(entry =>
        string.Create(CultureInfo.InvariantCulture, $"{entry.Pool.ResourceName}: {entry.Pool.GpusPerNode} x {entry.Pool.UsableMemory?.ToString() ?? "unknown"} ({entry.Source})")));
}
