using GpuMem.Api.Pods;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Pods;

public sealed class UnknownDeviceTests
{
    [Theory]
    [InlineData("gpu.intel.com/xe: 1", "gpu.intel.com/xe", 1)]
    [InlineData("habana.ai/gaudi: 8", "habana.ai/gaudi", 8)]
    [InlineData("aws.amazon.com/neuron: 16", "aws.amazon.com/neuron", 16)]
    [InlineData("aws.amazon.com/neuroncore: 32", "aws.amazon.com/neuroncore", null)]
    [InlineData("google.com/tpu: 4", "google.com/tpu", 4)]
    [InlineData("enflame.com/vgcu: 2", "enflame.com/vgcu", 2)]
    [InlineData("huawei.com/Ascend910: 8", "huawei.com/Ascend910", 8)]
    [InlineData("nvidia.com/mig-1g.10gb: 1, nvidia.com/mig-3g.40gb: 1", "nvidia.com/mig-1g.10gb or nvidia.com/mig-3g.40gb", null)]
    [InlineData("deviceclass.resource.kubernetes.io/gpu.nvidia.com: 1", "deviceclass.resource.kubernetes.io/gpu.nvidia.com", 1)]
    public void What_looks_like_an_accelerator_is_one(string limits, string name, int? count) =>
        Assert.Equal(new UnknownDevice(name, count), Of($"{{containers: [{{resources: {{limits: {{{limits}}}}}}}]}}"));

    [Theory]
    [InlineData("cpu: 4, memory: 8Gi")]
    [InlineData("nvidia.com/gpu: 8, rdma/hca: 1, vpc.amazonaws.com/efa: 32")]
    [InlineData("nvidia.com/gpu: 8, nvidia.com/hostdev: 8")]
    [InlineData("nvidia.com/gpu: 8, example.com/output: 1, example.com/input-event: 1, example.com/manipulator: 1")]
    [InlineData("gpu.intel.com/xe: 0")]
    [InlineData("nvidia.com/mig-1g.10gb: 1")]
    [InlineData("nvidia.com/mig-3g.20gb.shared: 1")]
    [InlineData("amd.com/cpx_nps4: 2")]
    [InlineData("nvidia.com/gpu: 2, nvidia.com/gpumem: 10000")]
    [InlineData("volcano.sh/vgpu-memory: 10240, volcano.sh/vgpu-number: 1")]
    public void Known_GPUs_and_what_stands_beside_them_are_none(string limits) => Assert.Null(Of($"{{containers: [{{resources: {{limits: {{{limits}}}}}}}]}}"));

    [Fact]
    public void A_claim_is_one_of_unknown_count()
    {
        Assert.Equal(new UnknownDevice("resourceClaims", null), Of("{resourceClaims: [{name: gpu}], containers: [{}]}"));
        Assert.Null(Of("{resourceClaims: [], containers: [{}]}"));
    }

    [Fact]
    public void No_pod_asks_for_none() => Assert.Null(UnknownDevice.Of(null));

    private static UnknownDevice? Of(string spec) => UnknownDevice.Of(KubernetesYaml.LoadAllFromString<V1PodSpec>(spec)[0]);
}
