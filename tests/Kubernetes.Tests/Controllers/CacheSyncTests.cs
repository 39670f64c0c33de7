using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;

namespace GpuMem.Kubernetes.Tests.Controllers;

public sealed class CacheSyncTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Signals<string> _reconciled = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private Informer<V1Pod> _informer = null!;
    private Task _informing = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        _informer = new Informer<V1Pod>(_client, new InformerOptions<V1Pod> { StreamingList = false }, NullLogger<Informer<V1Pod>>.Instance, _time, () => 0);
        _informing = _informer.RunAsync(_stop.Token);
    }

    [Fact]
    public async Task Q12_Workers_start_only_after_every_cache_is_filled()
    {
        TaskCompletionSource asked = new();
        TaskCompletionSource other = new();
        Task running = Loop(new ControllerOptions
        {
            WaitFor =
            [
                token =>
                {
                    asked.SetResult();
                    return other.Task.WaitAsync(token);
                },
            ],
        }).RunAsync(_stop.Token);
        await (await _api.NextAsync()).ReplyListAsync("1", null, Json.Pod("a", "1"));
        await asked.Task;
        Assert.True(_informer.HasSynced);
        Assert.True(_reconciled.IsEmpty);
        other.SetResult();
        Assert.Equal("a", await _reconciled.NextAsync());
        await _stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task Q12_Caches_that_are_not_filled_in_time_fail_the_run_and_it_says_why()
    {
        TimeSpan limit = TimeSpan.FromSeconds(77);
        Task running = Loop(new ControllerOptions { CacheSyncTimeout = limit }).RunAsync(_stop.Token);
        await (await _api.NextAsync()).FailAsync(403, "Forbidden", "you cannot list pods");
        while (_informer.LastError is null)
            await Task.Yield();
        await _time.PassAsync(limit);
        TimeoutException failure = await Assert.ThrowsAsync<TimeoutException>(() => running);
        Assert.Contains("you cannot list pods", failure.Message, StringComparison.Ordinal);
        Assert.Contains("controller of Pod", failure.Message, StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _informing;
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
    }

    private ControllerLoop<V1Pod> Loop(ControllerOptions options) =>
        new(_informer, new Recorder(_reconciled), options, NullLogger<ControllerLoop<V1Pod>>.Instance, _time);

    private sealed class Recorder(Signals<string> reconciled) : IEntityController<V1Pod>
    {
        public Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken)
        {
            reconciled.Add(entity.Name()!);
            return Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
        }

        public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken) =>
            Task.FromResult(ReconciliationResult<V1Pod>.Success(entity));
    }
}
