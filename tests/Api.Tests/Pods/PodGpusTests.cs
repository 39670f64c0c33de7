using GpuMem.Api.Pods;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;

namespace GpuMem.Api.Tests.Pods;

public sealed class PodGpusTests
{
    [Theory]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 8}}}]}", 8)]
    [InlineData("{containers: [{resources: {requests: {nvidia.com/gpu: 8}}}]}", 8)]
    [InlineData("{containers: [{resources: {requests: {nvidia.com/gpu: 8}, limits: {nvidia.com/gpu: 8}}}]}", 8)]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 2}}}, {resources: {limits: {nvidia.com/gpu: 3}}}]}", 5)]
    public void Containers_add_up(string pod, long gpus) => Assert.Equal(new PodGpus("nvidia.com/gpu", gpus), Of(pod));

    [Theory]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 2}}}], initContainers: [{resources: {limits: {nvidia.com/gpu: 1}}}]}", 2)]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 2}}}], initContainers: [{resources: {limits: {nvidia.com/gpu: 4}}}, {resources: {limits: {nvidia.com/gpu: 3}}}]}", 4)]
    [InlineData("{containers: [{}], initContainers: [{resources: {limits: {nvidia.com/gpu: 1}}}]}", 1)]
    public void Of_init_containers_the_largest_counts(string pod, long gpus) => Assert.Equal(gpus, Of(pod).Count);

    [Theory]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 2}}}], initContainers: [{restartPolicy: Always, resources: {limits: {nvidia.com/gpu: 1}}}]}", 3)]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 1}}}], initContainers: [{restartPolicy: Always, resources: {limits: {nvidia.com/gpu: 1}}}, {resources: {limits: {nvidia.com/gpu: 4}}}]}", 5)]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 1}}}], initContainers: [{resources: {limits: {nvidia.com/gpu: 4}}}, {restartPolicy: Always, resources: {limits: {nvidia.com/gpu: 1}}}]}", 4)]
    public void Sidecars_run_beside_what_comes_after_them(string pod, long gpus) => Assert.Equal(gpus, Of(pod).Count);

    [Theory]
    [InlineData("{}")]
    [InlineData("{containers: []}")]
    [InlineData("{containers: [{}, {resources: {}}]}")]
    [InlineData("{containers: [null], initContainers: [null]}")]
    [InlineData("{containers: [{resources: {limits: {cpu: 4, google.com/tpu: 8}}}]}")]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: 0}}}]}")]
    [InlineData("{containers: [{resources: {limits: {nvidia.com/gpu: -3}}}]}")]
    public void A_pod_without_gpus_asks_for_none(string pod) => Assert.Equal(default, Of(pod));

    [Fact]
    public void No_pod_asks_for_none() => Assert.Equal(default, PodGpus.Of(null));

    [Theory]
    [InlineData("nvidia.com/mig-1g.10gb")]
    [InlineData("nvidia.com/gpu.shared")]
    [InlineData("amd.com/gpu")]
    public void Other_resources_are_gpus_too(string resource) =>
        Assert.Equal(new PodGpus(resource, 2), Of($"{{containers: [{{resources: {{limits: {{{resource}: 2}}}}}}]}}"));

    [Fact]
    public void Absurd_counts_do_not_overflow() =>
        Assert.InRange(Of("{containers: [{resources: {limits: {nvidia.com/gpu: 9223372036854775807}}}, {resources: {limits: {nvidia.com/gpu: 9223372036854775807}}}]}").Count, 1, long.MaxValue);

    private static PodGpus Of(string spec) => PodGpus.Of(KubernetesYaml.LoadAllFromString<V1PodSpec>(spec)[0]);
}
