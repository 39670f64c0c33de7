using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.LeaderElection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace GpuMem.Kubernetes.Tests.Controllers;

public sealed class OperatorRegistrationTests
{
    [Fact]
    public async Task A_registered_controller_is_called_for_what_is_there_and_may_read_other_caches()
    {
        await using FakeApiServer api = await FakeApiServer.StartAsync();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        Signals<string> seen = new();
        builder.Services.AddSingleton(seen);
        using KubernetesClient client = api.Client(new ManualTime());
        builder.Services.AddKubernetesOperator(client).AddController<PodController, V1Pod>().AddInformer<V1Node>();
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

        Assert.Equal("a, nodes filled: True", await seen.NextAsync());
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
        builder.Services.AddKubernetesOperator(client, settings).AddInformer<V1Node>().AddController<PodController, V1Pod>();
        using IHost host = builder.Build();
        await host.StartAsync();
        FakeCall call;
        while (!(call = await api.NextAsync()).Path.EndsWith("/leases/lease", StringComparison.Ordinal))
            await (call.IsWatch ? AnswerWatchAsync(call) : call.ReplyListAsync("1", null));
        Assert.True(host.Services.GetRequiredService<Informer<V1Pod>>().HasSynced);
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
    public void A_kind_has_one_controller()
    {
        OperatorBuilder builder = new ServiceCollection().AddKubernetesOperator(new InMemoryApi()).AddController<PodController, V1Pod>();
        Assert.Contains("Pod has a controller", Assert.Throws<InvalidOperationException>(() => builder.AddController<PodController, V1Pod>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_a_kind_is_followed_is_said_once()
    {
        OperatorBuilder builder = new ServiceCollection().AddKubernetesOperator(new InMemoryApi()).AddInformer<V1Pod>().AddController<PodController, V1Pod>();
        Assert.Single(builder.Services, service => service.ServiceType == typeof(Informer<V1Pod>));
        Assert.Throws<InvalidOperationException>(() => builder.AddInformer(new InformerOptions<V1Pod> { LabelSelector = "a=b" }));
    }

    /// <summary>As a server that does not stream lists.</summary>
    private static Task AnswerWatchAsync(FakeCall call) => call["sendInitialEvents"] is null ? call.StartAsync() : call.FailAsync(422, "Invalid");

    private sealed class FailingTask : ILeaderTask
    {
        public Task RunAsync(CancellationToken cancellationToken) => Task.FromException(new InvalidOperationException("mine"));
    }

    private sealed class PodController(Informer<V1Node> nodes, Signals<string> seen) : IEntityController<V1Pod>
    {
        public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken)
        {
            seen.Add($"{entity.Name()}, nodes filled: {nodes.HasSynced}");
            return Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
        }

        public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
