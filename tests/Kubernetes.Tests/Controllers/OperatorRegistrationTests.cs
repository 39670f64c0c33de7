using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;
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
        builder.Services.AddSingleton<IKubernetesClient>(_ => api.Client(new ManualTime()));
        builder.Services.AddKubernetesOperator().AddController<PodController, V1Pod>().AddInformer<V1Node>();
        using IHost host = builder.Build();
        await host.StartAsync();
        for (int lists = 0; lists < 2;)
        {
            FakeCall call = await api.NextAsync();
            if (call.IsWatch)
            {
                await call.StartAsync();
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
    public void A_kind_has_one_controller()
    {
        OperatorBuilder builder = new ServiceCollection().AddKubernetesOperator().AddController<PodController, V1Pod>();
        Assert.Contains("Pod has a controller", Assert.Throws<InvalidOperationException>(() => builder.AddController<PodController, V1Pod>()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void How_a_kind_is_followed_is_said_once()
    {
        OperatorBuilder builder = new ServiceCollection().AddKubernetesOperator().AddInformer<V1Pod>().AddController<PodController, V1Pod>();
        Assert.Single(builder.Services, service => service.ServiceType == typeof(Informer<V1Pod>));
        Assert.Throws<InvalidOperationException>(() => builder.AddInformer(new InformerOptions<V1Pod> { LabelSelector = "a=b" }));
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
