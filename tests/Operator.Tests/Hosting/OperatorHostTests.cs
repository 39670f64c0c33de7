using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.Tests.Hosting;

/// <summary>The whole process but for the process, over an API server in memory.</summary>
public sealed class OperatorHostTests : IDisposable
{
    private readonly InMemoryApi _api = new();

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromSeconds(60));

    public void Dispose() => _patience.Dispose();

    [Fact]
    public async Task Until_it_knows_the_cluster_it_is_alive_and_not_ready()
    {
        _api.OnCall = call =>
        {
            if (call.StartsWith("list nodes", StringComparison.Ordinal))
                throw InMemoryApi.Refusal(403, "Forbidden");
        };
        await using var app = await StartAsync(leaderElect: false);
        await UntilAsync(app, "/readyz", text => text.Contains("[-] waiting for nodes: the API server has not answered; ", StringComparison.Ordinal)
            && text.Contains("[+] trainingjobs: the API server was heard ", StringComparison.Ordinal));
        var (status, text) = await ProbeAsync(app, "/readyz");
        Assert.Equal(503, status);
        Assert.StartsWith("waiting for the caches\n", text, StringComparison.Ordinal);
        Assert.Contains("(HTTP 403)", text, StringComparison.Ordinal);
        Assert.Equal((200, "ok\n"), await ProbeAsync(app, "/healthz"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_launches_what_is_created_and_tells_what_becomes_of_it(bool leaderElect)
    {
        await _api.CreateAsync(Example.Node("h100-0"), _patience.Token);
        await using var app = await StartAsync(leaderElect);
        await _api.CreateAsync(Example.Job("sft", Example.With(Example.Small, "template", """{"spec": {"containers": [{"name": "a"}]}}""")), _patience.Token);
        await UntilAsync(TrainingJobPhase.Launched);
        Assert.Equal((200, "ok\n"), await ProbeAsync(app, "/readyz"));
        await _api.PatchAsync<V1Job>("sft", Example.Namespace, new V1Patch("""{"status": {"active": 1}}""", V1Patch.PatchType.MergePatch), cancellationToken: _patience.Token);
        await UntilAsync(TrainingJobPhase.Running);
    }

    [Fact]
    public async Task L13_A_replica_without_the_lease_is_ready_with_warm_caches_and_does_nothing()
    {
        var now = DateTimeOffset.UtcNow;
        await _api.CreateAsync(
            new V1Lease
            {
                Metadata = new V1ObjectMeta { Name = "gpumem-operator", NamespaceProperty = "gpumem-system" },
                Spec = new V1LeaseSpec { HolderIdentity = "another", LeaseDurationSeconds = 3600, AcquireTime = now.UtcDateTime, RenewTime = now.UtcDateTime },
            },
            _patience.Token);
        await _api.CreateAsync(Example.Job("sft", Example.Small), _patience.Token);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.OnCall = call =>
        {
            if (call.StartsWith("get leases", StringComparison.Ordinal))
                asked.TrySetResult();
        };
        await using var app = await StartAsync(leaderElect: true);
        await asked.Task.WaitAsync(_patience.Token);
        Assert.Equal(200, (await ProbeAsync(app, "/readyz")).Status);
        Assert.Contains("[+] nodes: the API server was heard ", (await ProbeAsync(app, "/readyz?verbose")).Text, StringComparison.Ordinal);
        Assert.Equal((200, "ok\n"), await ProbeAsync(app, "/healthz"));
        var metrics = (await ProbeAsync(app, "/metrics")).Text;
        Assert.Contains("leader_election_master_status{name=\"gpumem-operator\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("# TYPE process_cpu_seconds_total counter\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain(_api.Writes, write => write.StartsWith("apply", StringComparison.Ordinal));
    }

    private async Task<WebApplication> StartAsync(bool leaderElect)
    {
        var options = new OperatorOptions { Namespace = "gpumem-system", LeaderElect = leaderElect, Address = "127.0.0.1", HealthPort = 0 };
        var app = OperatorHost.Build(options, _api, logging => logging.SetMinimumLevel(LogLevel.None));
        await app.StartAsync(_patience.Token);
        return app;
    }

    private async Task<(int Status, string Text)> ProbeAsync(WebApplication app, string path)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        using HttpClient http = new() { BaseAddress = new Uri(address) };
        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative), _patience.Token);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(_patience.Token));
    }

    private async Task UntilAsync(WebApplication app, string path, Func<string, bool> says)
    {
        while (!says((await ProbeAsync(app, path)).Text))
            _patience.Token.ThrowIfCancellationRequested();
    }

    private async Task UntilAsync(TrainingJobPhase phase)
    {
        await foreach (var change in _api.WatchAsync<TrainingJob>(new ListOptions(Example.Namespace, ResourceVersion: "0"), null, false, null, _patience.Token))
            if (change.Object!.Status.Phase == phase)
                return;
    }
}
