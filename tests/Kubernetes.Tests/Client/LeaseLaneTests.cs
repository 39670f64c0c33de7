namespace GpuMem.Kubernetes.Tests.Client;

/// <summary>Leases are renewed whatever else goes on.</summary>
public sealed class LeaseLaneTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

    private static V1Lease Lease => new() { Metadata = new V1ObjectMeta { Name = "leader", NamespaceProperty = "b" }, Spec = new V1LeaseSpec { HolderIdentity = "us" } };

    private static V1Pod Pod => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "b" } };

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task A_lease_is_renewed_while_the_circuit_is_open()
    {
        const int EnoughToOpen = 20;
        for (int call = 0; call < EnoughToOpen; call++)
        {
            Task<V1Pod> failing = _client.CreateAsync(Pod);
            await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable");
            await Assert.ThrowsAsync<KubernetesException>(() => failing);
        }

        Task<V1Pod?> held = _client.GetAsync<V1Pod>("a", "b");
        Task<V1Lease> renewal = _client.UpdateAsync(Lease);
        FakeCall next = await _api.NextAsync();
        Assert.Equal("/apis/coordination.k8s.io/v1/namespaces/b/leases/leader", next.Path);
        await next.ReplyAsync("{}");
        await renewal;
        Assert.False(held.IsCompleted);
        Assert.False(_api.HasUnanswered);
    }

    [Fact]
    public async Task A_lease_is_renewed_over_its_own_connection_while_everything_else_hangs()
    {
        const int Hanging = 150;
        Task[] hanging = [.. Enumerable.Range(0, Hanging).Select(_ => _client.GetAsync<V1Pod>("a", "b"))];
        HashSet<string> connections = [];
        for (int call = 0; call < Hanging; call++)
            connections.Add((await _api.NextAsync()).Connection);

        Task<V1Lease> renewal = _client.UpdateAsync(Lease);
        FakeCall lease = await _api.NextAsync();
        Assert.DoesNotContain(lease.Connection, connections);
        await lease.ReplyAsync("{}");
        await renewal;
        Assert.All(hanging, call => Assert.False(call.IsCompleted));
    }

    [Fact]
    public async Task A_lease_call_is_made_once_and_given_up_after_five_seconds()
    {
        Task<V1Lease> refused = _client.UpdateAsync(Lease);
        await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable", retryAfter: 1);
        await Assert.ThrowsAsync<KubernetesException>(() => refused);

        Task<V1Lease?> silent = _client.GetAsync<V1Lease>("leader", "b");
        FakeCall call = await _api.NextAsync();
        _time.Advance(TimeSpan.FromSeconds(5));
        TimeoutException late = await Assert.ThrowsAsync<TimeoutException>(() => silent);
        Assert.Contains("did not answer within 5 s", late.Message, StringComparison.Ordinal);
        await call.Aborted.Task;
        Assert.False(_api.HasUnanswered);
    }
}
