using System.Text.Json.Nodes;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Endpoints;

/// <summary>A webhook that decides one review at a time, and is not done with it.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private readonly Busy _cluster = new();

    private WebhookServer _server = null!;

    private Task<JsonObject> _first = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await WebhookServer.StartAsync(_cluster, new Rights(), turns: 1);
        _first = Task.Run(() => _server.AskAsync("/validate-pod", Review.OfPod(Review.Pod("sft", 1))));
        await _cluster.Asked.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _cluster.GoOn.Set();
        await _first;
        await _server.DisposeAsync();
        _cluster.GoOn.Dispose();
    }

    [Theory]
    [InlineData("/validate-pod")]
    [InlineData("/mutate-pod")]
    [InlineData("/validate-workload")]
    public async Task What_could_not_be_looked_at_in_time_is_admitted_by_a_review_that_says_so(string path)
    {
        var answer = await _server.AskAsync($"{path}?timeout=0s", Review.OfPod(Review.Pod("sft", 1)));
        Assert.Equal((Review.Uid, true, 429), ((string?)answer["uid"], (bool)answer["allowed"]!, (int)answer["status"]!["code"]!));
        Assert.Contains("too many reviews at once", (string?)answer["warnings"]![0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pods_do_not_keep_TrainingJobs_from_being_answered() =>
        Assert.Equal(422, (int)(await _server.AskAsync("/validate-trainingjob?timeout=0s", Review.OfJob(Review.Job("{}"))))["status"]!["code"]!);

    [Fact]
    public async Task Who_waits_gets_a_turn_when_the_one_before_is_done()
    {
        var second = _server.AskAsync("/validate-pod?timeout=30s", Review.OfPod(Review.Pod("sft", 1)));
        _cluster.GoOn.Set();
        Assert.Equal((await _first).ToJsonString(), (await second).ToJsonString());
    }

    private sealed class Busy : IClusterState
    {
        private readonly FixedCluster _cluster = new(Example.Inventory(Example.Node("h100-0")), [Example.Job("sft", Example.TooLarge)]);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim GoOn { get; } = new();

        public PoolInventory Inventory => _cluster.Inventory;

        public IConfigMapModels ConfigMaps => _cluster.ConfigMaps;

        public TrainingJob? FindJob(string ns, string name)
        {
            Asked.TrySetResult();
            GoOn.Wait();
            return _cluster.FindJob(ns, name);
        }

        public ModelServer? FindServer(string ns, string name) => _cluster.FindServer(ns, name);

        public PolicyMode ModeOf(string ns) => _cluster.ModeOf(ns);

        public bool HasTargets(string ns) => _cluster.HasTargets(ns);

        public V1ObjectMeta? Owner(string ns, V1OwnerReference workload) => _cluster.Owner(ns, workload);

        public IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload) => _cluster.WithTarget(ns, workload);
    }
}
