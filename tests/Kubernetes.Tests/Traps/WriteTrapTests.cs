using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Events;
using GpuMem.Kubernetes.LeaderElection;

namespace GpuMem.Kubernetes.Tests.Traps;

/// <summary>What the package KubernetesClient leaves out of what it is given to write (findings/merge-patch-null.sh, findings/microtime-*.sh).</summary>
public sealed class WriteTrapTests : IAsyncLifetime
{
    private const string Removal = """{"metadata":{"labels":{"gone":null}}}""";

    // On a whole second, as a manual clock is.
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _stop.Dispose();
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_null_in_a_merge_patch_is_sent_however_it_was_made()
    {
        V1Patch[] patches =
        [
            new(Removal, V1Patch.PatchType.MergePatch),
            new(JsonNode.Parse(Removal)!, V1Patch.PatchType.MergePatch),
        ];
        foreach (V1Patch patch in patches)
        {
            Task<V1Pod> patched = _client.PatchAsync<V1Pod>("a", "default", patch);
            FakeCall call = await _api.NextAsync();
            Assert.Equal(Removal, call.Body);
            await call.ReplyAsync(Json.Pod("a", "1"));
            await patched;
        }
    }

    [Fact]
    public async Task A_patch_whose_nulls_would_be_left_out_is_not_sent()
    {
        V1Patch patch = new(new { metadata = new { labels = new { gone = (string?)null } } }, V1Patch.PatchType.MergePatch);
        await Assert.ThrowsAsync<ArgumentException>(() => _client.PatchAsync<V1Pod>("a", "default", patch));
    }

    [Fact]
    public async Task A_lease_on_a_whole_second_has_six_decimals()
    {
        LeaderElector elector = new(new LeaderElectionConfig(new LeaseLock(_client, "default", "leader")), NullLogger<LeaderElector>.Instance, _time);
        Task running = elector.RunUntilLeadershipLostAsync(_ => Task.CompletedTask, _stop.Token);
        await (await _api.NextAsync()).FailAsync(404, "NotFound");
        FakeCall create = await _api.NextAsync();
        JsonNode spec = JsonNode.Parse(create.Body)!["spec"]!;
        Assert.Equal("2030-01-01T00:00:00.000000Z", spec["acquireTime"]!.GetValue<string>());
        Assert.Equal("2030-01-01T00:00:00.000000Z", spec["renewTime"]!.GetValue<string>());
        await _stop.CancelAsync();
        await Task.WhenAny(running);
    }

    [Fact]
    public async Task An_event_on_a_whole_second_has_six_decimals()
    {
        EventRecorder recorder = new(_client, "gpumem.io/operator", "operator-0", NullLogger<EventRecorder>.Instance, _time);
        Task running = recorder.RunAsync(_stop.Token);
        V1Pod pod = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "team", Uid = "u" } };
        recorder.Publish(pod, EventType.Normal, "Fits", "Plan", "");
        FakeCall create = await _api.NextAsync();
        Assert.Equal("2030-01-01T00:00:00.000000Z", JsonNode.Parse(create.Body)!["eventTime"]!.GetValue<string>());
        await create.ReplyAsync(create.Body, 201);

        recorder.Publish(pod, EventType.Normal, "Fits", "Plan", "");
        FakeCall patch = await _api.NextAsync();
        Assert.Equal("2030-01-01T00:00:00.000000Z", JsonNode.Parse(patch.Body)!["series"]!["lastObservedTime"]!.GetValue<string>());
        await _stop.CancelAsync();
        await Task.WhenAny(running);
    }
}
