using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.LeaderElection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GpuMem.Kubernetes.Tests.Controllers;

public sealed class OperatorRegistrationTests
{
    [Fact]
    public async Task What_a_leader_does_begins_when_the_caches_are_filled()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        Signals<string> seen = new();
        builder.Services.AddSingleton(seen);
        using KubernetesClient client = api.Client(new ManualTime());
        builder.Services.AddKubernetesOperator(client).AddInformer<V1Pod, V1Pod>(pod => pod).AddInformer<V1Node, V1Node>(node => node).AddLeaderTask<Work>();
        using IHost host = builder.Build();
        await host.StartAsync();
        for (int lists = 0; lists < 2;)
        {
            FakeCall call = await api.NextAsync();
            if (call.IsWatch)
            {
                await AnswerWatchAsync(call);
                continue;
            }

            string[] items = call.Path.EndsWith("pods", StringComparison.Ordinal) ? [Json.Pod("a", "1")] : [];
            await call.ReplyListAsync("1", null, items);
            lists++;
        }

        Assert.Equal("1 pods, nodes filled: True", await seen.NextAsync());
        await host.StopAsync();
    }

    [Fact]
    public async Task L13_A_replica_without_the_lease_keeps_its_caches_filled_and_does_nothing()
    {
        const string Lease = """
            {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"lease","namespace":"default","resourceVersion":"1"},
            "spec":{"holderIdentity":"another","leaseDurationSeconds":3600}}
            """;
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        Signals<string> seen = new();
        builder.Services.AddSingleton(seen);
        ManualTime time = new();
        builder.Services.AddSingleton<TimeProvider>(time);
        using KubernetesClient client = api.Client(time);
        OperatorSettings settings = new() { LeaderElection = unfenced => new LeaderElectionConfig(new LeaseLock(unfenced, "default", "lease")) };
        builder.Services.AddKubernetesOperator(client, settings).AddInformer<V1Node, V1Node>(node => node).AddInformer<V1Pod, V1Pod>(pod => pod).AddLeaderTask<Work>();
        using IHost host = builder.Build();
        await host.StartAsync();
        FakeCall call;
        while (!(call = await api.NextAsync()).Path.EndsWith("/leases/lease", StringComparison.Ordinal))
            await (call.IsWatch ? AnswerWatchAsync(call) : call.ReplyListAsync("1", null));
        Assert.True(host.Services.GetRequiredService<Informer<V1Pod, V1Pod>>().HasSynced);
        await call.ReplyAsync(Lease);
        await host.StopAsync();
        Assert.True(seen.IsEmpty);
    }

    [Fact]
    public async Task What_a_leader_does_and_fails_ends_the_process_as_a_failure()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKubernetesOperator(new InMemoryApi()).AddLeaderTask<FailingTask>();
        using IHost host = builder.Build();
        await host.StartAsync();
        try
        {
            await host.WaitForShutdownAsync();
            Assert.Equal(1, Environment.ExitCode);
        }
        finally
        {
            Environment.ExitCode = 0;
        }
    }

    [Fact]
    public async Task L3_What_the_host_gives_controllers_to_write_with_is_fenced_by_the_lease()
    {
        OperatorSettings settings = new() { LeaderElection = unfenced => new LeaderElectionConfig(new LeaseLock(unfenced, "default", "lease")) };
        await using FakeApiServer server = await FakeApiServer.StartAsync();
        using KubernetesClient client = server.Client();
        await using ServiceProvider services = new ServiceCollection().AddKubernetesOperator(client, settings).Services.BuildServiceProvider();
        V1Pod pod = new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default" } };
        await Assert.ThrowsAsync<LeadershipLostException>(() => services.GetRequiredService<IKubernetesClient>().CreateAsync(pod));
        Assert.False(server.HasUnanswered);
    }

    [Fact]
    public void How_a_kind_is_followed_is_said_once()
    {
        OperatorBuilder builder = new ServiceCollection().AddKubernetesOperator(new InMemoryApi()).AddInformer<V1Pod, V1Pod>(pod => pod);
        Assert.Throws<InvalidOperationException>(() => builder.AddInformer<V1Pod, V1Pod>(pod => pod));
    }

    /// <summary>As a server that does not stream lists.</summary>
    private static Task AnswerWatchAsync(FakeCall call) => call["sendInitialEvents"] is null ? call.StartAsync() : call.FailAsync(422, "Invalid");

    private sealed class FailingTask : ILeaderTask
    {
        public Task RunAsync(CancellationToken cancellationToken) => Task.FromException(new InvalidOperationException("mine"));
    }

    private sealed class Work(Informer<V1Pod, V1Pod> pods, Informer<V1Node, V1Node> nodes, Signals<string> seen) : ILeaderTask
    {
        public Task RunAsync(CancellationToken cancellationToken)
        {
            seen.Add($"{pods.Store.Count} pods, nodes filled: {nodes.HasSynced}");
            return Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
