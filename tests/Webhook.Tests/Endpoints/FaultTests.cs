using GpuMem.Api.Cluster;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>A fault of our own: here, a cluster state that throws.</summary>
public sealed class FaultTests
{
    [Theory]
    [InlineData("/validate-pod")]
    [InlineData("/mutate-pod")]
    public async Task A_pod_is_allowed_with_a_warning(string path)
    {
        await using var server = await WebhookServer.StartAsync(new Poisoned(), new Rights());
        var answer = await server.AskAsync(path, Review.OfPod(Review.Pod("sft", 1)));
        Assert.True((bool)answer["allowed"]!);
        Assert.Contains("could not check", (string?)answer["warnings"]![0]);
        Assert.False(answer.ContainsKey("patch") || answer.ContainsKey("patchType"));
    }

    [Theory]
    [InlineData("""{"metadata": {"labels": {"gpumem.io/training-job": 7}}, "spec": {}}""")]
    [InlineData("""{"metadata": "x"}""")]
    [InlineData("""{"spec": {"containers": "x"}}""")]
    [InlineData("""{"spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "many"}}}]}}""")]
    [InlineData("""{"spec": {"containers": [{"resources": {"limits": {"nvidia.com/gpu": "1e2147483647"}}}]}}""")]
    public async Task A_pod_that_has_not_the_shape_of_one_is_left_to_the_API_server_to_refuse(string pod)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")), Example.Job("sft", Example.TooLarge));
        Assert.True((bool)(await server.AskAsync("/validate-pod", Review.OfPod(pod)))["allowed"]!);
        Assert.True((bool)(await server.AskAsync("/mutate-pod", Review.OfPod(pod)))["allowed"]!);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"name\": []}")]
    public async Task Volumes_and_mounts_that_are_none_keep_no_pod_from_its_GPUs(string item)
    {
        await using var server = await WebhookServer.StartAsync(Example.Inventory(Example.Node("h100-0")), Example.Job("sft", Example.With(Example.Several, "policy", """{"rewrite": "Always"}""")));
        var pod = Review.Pod("sft", 1, $"\"volumes\": [{item}], ").Replace("\"image\"", $"\"volumeMounts\": [{item}], \"image\"", StringComparison.Ordinal);
        Assert.True((await server.AskAsync("/mutate-pod", Review.OfPod(pod))).ContainsKey("patch"));
    }

    [Theory]
    [InlineData("""{"metadata": {"name": 7, "labels": {"gpumem.io/training-job": "sft"}}, "spec": {}}""", "metadata.name: ")]
    [InlineData("""{"metadata": {"labels": {"gpumem.io/training-job": "sft"}, "ownerReferences": [null]}, "spec": {}}""", "ownerReferences: a list must have no null in it")]
    public async Task What_is_wrong_with_its_shape_is_said_and_is_no_fault_of_ours(string pod, string what)
    {
        using Hostile.Faults faults = new();
        await using var server = await WebhookServer.StartAsync(new FixedCluster(Example.Inventory(Example.Node("h100-0")), [Example.Job("sft", Example.TooLarge)]), new Rights(), log: faults);
        Assert.Contains(what, (string?)(await server.AskAsync("/validate-pod", Review.OfPod(pod)))["warnings"]![0], StringComparison.Ordinal);
        Assert.Empty(faults.Take());
    }

    [Fact]
    public async Task A_training_job_is_denied()
    {
        await using var server = await WebhookServer.StartAsync(new Poisoned(), new Rights());
        var answer = await server.AskAsync("/validate-trainingjob", Review.OfJob(Review.Job(Example.Small)));
        Assert.False((bool)answer["allowed"]!);
        Assert.Equal(500, (int)answer["status"]!["code"]!);
    }

    private sealed class Poisoned : IClusterState
    {
        public PoolInventory Inventory => throw new InvalidOperationException("poisoned");

        public IConfigMapModels ConfigMaps => throw new InvalidOperationException("poisoned");

        public TrainingJob? FindJob(string ns, string name) => throw new InvalidOperationException("poisoned");

        public Api.ModelServers.ModelServer? FindServer(string ns, string name) => throw new InvalidOperationException("poisoned");

        public PolicyMode ModeOf(string ns) => throw new InvalidOperationException("poisoned");

        public bool HasTargets(string ns) => throw new InvalidOperationException("poisoned");

        public V1ObjectMeta? Owner(string ns, V1OwnerReference workload) => throw new InvalidOperationException("poisoned");

        public IEnumerable<Api.Pods.IPodDescription> WithTarget(string ns, V1OwnerReference workload) => throw new InvalidOperationException("poisoned");
    }
}
