namespace GpuMem.Kubernetes.Tests.Traps;

/// <summary>
/// Calls that the packages KubernetesClient and Polly.Core leave without an end, without a retry or without a circuit
/// (findings/list-body-outlives-timeout.sh, findings/polly-*.sh). That a list whose body hangs is given up by itself:
/// <see cref="Client.RetryTests.A_list_that_stops_in_the_middle_is_given_up_after_a_minute_and_asked_for_again"/>.
/// </summary>
public sealed class CallTrapTests : IAsyncLifetime
{
    private const int EnoughToOpenTheCircuit = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan BreakDuration = TimeSpan.FromSeconds(2);

    private readonly ManualTime _time = new();
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;

    private static V1Pod Pod => new() { Metadata = new V1ObjectMeta { Name = "a", NamespaceProperty = "default" } };

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
    public async Task A_list_whose_body_hangs_ends_with_its_callers_token()
    {
        using CancellationTokenSource caller = new();
        Task<EntityList<V1Pod>> list = _client.ListAsync<V1Pod>(cancellationToken: caller.Token);
        FakeCall call = await _api.NextAsync();
        await call.StartAsync();
        await call.SendAsync("""{"metadata":{"resourceVersion":"9"},"items":[""");
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => list);
        await call.Aborted.Task;
    }

    [Fact]
    public async Task A_read_that_is_never_answered_is_repeated()
    {
        Task<V1Pod?> pod = _client.GetAsync<V1Pod>("a", "default");
        FakeCall hanging = await _api.NextAsync();
        _time.Advance(Patience);
        await hanging.Aborted.Task;
        _time.Advance(await _time.TimerAsync(due => due < TimeSpan.FromSeconds(20)));
        await (await _api.NextAsync()).ReplyAsync(Json.Pod("a", "1"));
        Assert.Equal("a", (await pod)!.Name());
    }

    [Fact]
    public async Task A_server_that_never_answers_opens_the_circuit()
    {
        Task<V1Pod>[] hanging = [.. Enumerable.Range(0, EnoughToOpenTheCircuit).Select(_ => _client.CreateAsync(Pod))];
        for (int call = 0; call < hanging.Length; call++)
            await _api.NextAsync();
        _time.Advance(Patience);
        foreach (Task<V1Pod> call in hanging)
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        await AssertHeldAsync();
    }

    [Fact]
    public async Task A_probe_that_its_caller_gives_up_does_not_close_the_circuit()
    {
        for (int call = 0; call < EnoughToOpenTheCircuit; call++)
        {
            Task<V1Pod> failing = _client.CreateAsync(Pod);
            await (await _api.NextAsync()).FailAsync(503, "ServiceUnavailable");
            await Assert.ThrowsAsync<KubernetesException>(() => failing);
        }

        _time.Advance(BreakDuration);
        using CancellationTokenSource caller = new();
        Task<V1Pod?> probe = _client.GetAsync<V1Pod>("a", "default", caller.Token);
        await _api.NextAsync();
        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => probe);
        await AssertHeldAsync();
    }

    /// <summary>The next call waits until the circuit lets it through, and then is carried out.</summary>
    private async Task AssertHeldAsync()
    {
        _time.Forget();
        Task<V1Pod?> held = _client.GetAsync<V1Pod>("a", "default");
        TimeSpan wait = await _time.TimerAsync(due => due >= BreakDuration && due < BreakDuration * 1.5);
        Assert.False(_api.HasUnanswered);
        _time.Advance(wait);
        await (await _api.NextAsync()).ReplyAsync(Json.Pod("a", "1"));
        Assert.Equal("a", (await held)!.Name());
    }
}
