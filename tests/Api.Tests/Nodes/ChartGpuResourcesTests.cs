using System.Text.RegularExpressions;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.TestKit;

namespace GpuMem.Api.Tests;

/// <summary>The chart spares pods without GPUs the call to the webhook, by the names of what they ask for.</summary>
public sealed class ChartGpuResourcesTests
{
    private static readonly Regex Asked = new(
        Regex.Match(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "charts/gpumem/values.yaml")), "gpuResources: (.*)").Groups[1].Value, RegexOptions.None, TimeSpan.FromSeconds(1));

    [Theory]
    [InlineData("nvidia.com/gpu")]
    [InlineData("nvidia.com/gpu.shared")]
    [InlineData("nvidia.com/gpumem-percentage")]
    [InlineData("nvidia.com/mig-1g.10gb")]
    [InlineData("amd.com/gpu")]
    [InlineData("amd.com/cpx_nps4")]
    [InlineData("habana.ai/gaudi")]
    [InlineData("gpu.intel.com/xe")]
    [InlineData("volcano.sh/vgpu-number")]
    [InlineData("koordinator.sh/gpu")]
    [InlineData("koordinator.sh/gpu-memory-ratio")]
    [InlineData("aliyun.com/gpu")]
    [InlineData("aliyun.com/gpu-mem")]
    [InlineData("tencent.com/vcuda-core")]
    [InlineData("tke.cloud.tencent.com/qgpu-memory")]
    [InlineData("vke.volcengine.com/mgpu-memory")]
    public void Whoever_asks_for_what_is_read_of_nodes_is_looked_at(string resource)
    {
        Assert.True(GpuResources.HasPool(resource) || GpuShare.IsPart(resource));
        Assert.Matches(Asked, resource);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("ephemeral-storage")]
    [InlineData("nvidia.com/hostdev")]
    [InlineData("rdma/hca_shared_devices_a")]
    [InlineData("vpc.amazonaws.com/efa")]
    public void Nobody_else_is_called(string resource) => Assert.DoesNotMatch(Asked, resource);
}
