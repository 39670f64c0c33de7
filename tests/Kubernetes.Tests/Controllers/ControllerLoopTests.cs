using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.Metrics;
using GpuMem.Kubernetes.Queue;
using GpuMem.Metrics;

namespace GpuMem.Kubernetes.Tests.Controllers;

public sealed class ControllerLoopTests : IAsyncLifetime
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(5);

    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _term = new();
    private readonly ScriptedController _controller = new();
    private readonly string _name = $"test-{Guid.NewGuid():N}";
    private FakeApiServer _api = null!;
    private KubernetesClient _client = null!;
    private ControllerLoop<V1Pod> _loop = null!;
    private Task _informing = null!;
    private Task _running = null!;
    private FakeCall _watch = null!;

    public async ValueTask InitializeAsync()
    {
        _api = await FakeApiServer.StartAsync();
        _client = _api.Client(_time);
        Informer<V1Pod> informer = new(_client, new InformerOptions<V1Pod> { StreamingList = false }, NullLogger<Informer<V1Pod>>.Instance, _time, () => 0);
        ControllerOptions options = new() { Name = _name, Workers = 1, Queue = new WorkQueueOptions { BaseDelay = FirstDelay } };
        _loop = new ControllerLoop<V1Pod>(informer, _controller, options, NullLogger<ControllerLoop<V1Pod>>.Instance, _time);
        _informing = informer.RunAsync(_stop.Token);
        _running = _loop.RunAsync(_term.Token);
    }

    [Fact]
    public async Task What_is_there_is_reconciled_and_then_what_changes()
    {
        await StartAsync();
        await _watch.SendEventAsync("MODIFIED", Json.Pod("a", "2"));
        Assert.Equal("reconcile a 2", await _controller.Calls.NextAsync());
        await _watch.SendEventAsync("DELETED", Json.Pod("a", "3"));
        Assert.Equal("deleted a 2", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Q11_An_exception_is_a_failure_and_the_worker_goes_on()
    {
        _controller.Next = _ => throw new InvalidOperationException("mine");
        await StartAsync();
        await _time.TimerAsync(due => due == FirstDelay);
        _controller.Next = Success;
        await _watch.SendEventAsync("ADDED", Json.Pod("b", "2"));
        Assert.Equal("reconcile b 2", await _controller.Calls.NextAsync());
        _time.Advance(FirstDelay);
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Q5_An_API_server_that_asks_for_time_is_given_it()
    {
        _controller.Next = _ => throw new KubernetesException(new V1Status { Code = 429, Details = new V1StatusDetails { RetryAfterSeconds = 7 } });
        await StartAsync();
        _controller.Next = Success;
        await _time.PassAsync(TimeSpan.FromSeconds(7));
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Q5_A_failure_waits_for_the_longer_of_its_own_delay_and_the_backoff()
    {
        _controller.Next = pod => ReconciliationResult<V1Pod>.Failure(pod, "not yet", requeueAfter: TimeSpan.FromSeconds(3));
        await StartAsync();
        _controller.Next = pod => ReconciliationResult<V1Pod>.Failure(pod, "not yet");
        await _time.PassAsync(TimeSpan.FromSeconds(3));
        await _controller.Calls.NextAsync();
        await _time.PassAsync(FirstDelay * 2);
        await _controller.Calls.NextAsync();
    }

    [Fact]
    public async Task Q5_Success_may_ask_to_be_called_again_and_resets_the_backoff()
    {
        // No whole minute: the client's time limit for a call is one, and its timer must not be taken for this one.
        TimeSpan later = TimeSpan.FromSeconds(42);
        _controller.Next = pod => ReconciliationResult<V1Pod>.Failure(pod, "not yet");
        await StartAsync();
        await _time.TimerAsync(due => due == FirstDelay);
        _controller.Next = pod => ReconciliationResult<V1Pod>.Success(pod, later);
        _time.Advance(FirstDelay);
        await _controller.Calls.NextAsync();
        await _time.TimerAsync(due => due == later);
        _controller.Next = pod => ReconciliationResult<V1Pod>.Failure(pod, "again");
        _time.Advance(later);
        await _controller.Calls.NextAsync();
        await _time.TimerAsync(due => due == FirstDelay);
    }

    [Fact]
    public async Task Q5_A_terminal_failure_is_not_tried_again_until_the_object_changes()
    {
        using PrometheusText metrics = new(RuntimeMeter.Instance.Name);
        _controller.Next = pod => ReconciliationResult<V1Pod>.TerminalFailure(pod, "no such model");
        await StartAsync();
        await _watch.SendEventAsync("ADDED", Json.Pod("b", "2"));
        Assert.Equal("reconcile b 2", await _controller.Calls.NextAsync());
        _time.Advance(TimeSpan.FromMinutes(4));
        await _watch.SendEventAsync("MODIFIED", Json.Pod("a", "3"));
        Assert.Equal("reconcile a 3", await _controller.Calls.NextAsync());

        await _term.CancelAsync();
        await _running;
        string text = metrics.Write();
        Assert.Contains($"controller_runtime_terminal_reconcile_errors_total{{controller=\"{_name}\"}} 3\n", text, StringComparison.Ordinal);
        Assert.Contains($"controller_runtime_reconcile_total{{controller=\"{_name}\",result=\"error\"}} 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Q5_A_terminal_failure_of_the_old_object_does_not_keep_the_new_one_of_its_name_waiting()
    {
        await StartAsync();
        _controller.Next = pod => ReconciliationResult<V1Pod>.TerminalFailure(pod, "cannot be cleaned up");
        await _watch.SendEventAsync("MODIFIED", Json.Pod("a", "9", uid: "another"));
        Assert.Equal("deleted a 1", await _controller.Calls.NextAsync());
        Assert.Equal("reconcile a 9", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Q11_Results_are_counted()
    {
        using PrometheusText metrics = new(RuntimeMeter.Instance.Name);
        _controller.Next = _ => throw new InvalidOperationException("mine");
        await StartAsync();
        await _time.TimerAsync(due => due == FirstDelay);
        _controller.Next = pod => ReconciliationResult<V1Pod>.Success(pod, TimeSpan.FromSeconds(42));
        _time.Advance(FirstDelay);
        await _controller.Calls.NextAsync();
        await _time.TimerAsync(due => due == TimeSpan.FromSeconds(42));
        _controller.Next = Success;
        await _term.CancelAsync();
        await _running;

        string text = metrics.Write();
        foreach (string line in new[]
        {
            $"reconcile_total{{controller=\"{_name}\",result=\"error\"}} 1",
            $"reconcile_total{{controller=\"{_name}\",result=\"requeue_after\"}} 1",
            $"reconcile_errors_total{{controller=\"{_name}\"}} 1",
            $"reconcile_panics_total{{controller=\"{_name}\"}} 1",
            $"reconcile_time_seconds_count{{controller=\"{_name}\"}} 2",
            $"active_workers{{controller=\"{_name}\"}} 0",
        })
            Assert.Contains($"controller_runtime_{line}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Q13_What_changes_goes_before_what_was_there_at_the_start()
    {
        using PrometheusText metrics = new(RuntimeMeter.Instance.Name);
        TaskCompletionSource held = new();
        _controller.Wait = held.Task;
        await (await _api.NextAsync()).ReplyListAsync("4", null, Json.Pod("a", "1"), Json.Pod("b", "2"), Json.Pod("c", "3"));
        _watch = await _api.NextAsync();
        await _controller.Calls.NextAsync();
        await _watch.SendEventAsync("ADDED", Json.Pod("new", "5"));
        while (!metrics.Write().Contains($"workqueue_depth{{name=\"{_name}\"}} 3\n", StringComparison.Ordinal))
            await Task.Yield();
        held.SetResult();
        Assert.Equal("reconcile new 5", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Another_informer_may_ask_for_a_reconciliation()
    {
        await StartAsync();
        _loop.Enqueue(new NamespacedName("default", "a"));
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
        _loop.Enqueue(new NamespacedName("default", "not-there"));
        _loop.Enqueue(new NamespacedName("default", "a"));
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task Deleted_and_created_again_unseen_is_told_as_both()
    {
        await StartAsync();
        await _watch.SendEventAsync("MODIFIED", Json.Pod("a", "9", uid: "another"));
        Assert.Equal("deleted a 1", await _controller.Calls.NextAsync());
        Assert.Equal("reconcile a 9", await _controller.Calls.NextAsync());
    }

    [Fact]
    public async Task L7_When_the_term_ends_the_call_under_way_is_waited_for_and_the_next_term_starts_afresh()
    {
        TaskCompletionSource held = new();
        _controller.Wait = held.Task;
        await StartAsync();
        _loop.Enqueue(new NamespacedName("default", "a"));
        await _term.CancelAsync();
        Assert.False(_running.IsCompleted);
        held.SetResult();
        await _running;
        Assert.True(_controller.Calls.IsEmpty);

        using CancellationTokenSource next = new();
        Task again = _loop.RunAsync(next.Token);
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
        await next.CancelAsync();
        await again;
    }

    public async ValueTask DisposeAsync()
    {
        await _term.CancelAsync();
        await _stop.CancelAsync();
        await Task.WhenAll(_running, _informing);
        _client.Dispose();
        await _api.DisposeAsync();
        _stop.Dispose();
        _term.Dispose();
    }

    /// <summary>Lets the informer see one pod, and waits until the controller was called for it.</summary>
    private async Task StartAsync()
    {
        FakeCall list = await _api.NextAsync();
        Assert.True(_controller.Calls.IsEmpty);
        await list.ReplyListAsync("1", null, Json.Pod("a", "1"));
        _watch = await _api.NextAsync();
        await _watch.StartAsync();
        Assert.Equal("reconcile a 1", await _controller.Calls.NextAsync());
    }

    private static ReconciliationResult<V1Pod> Success(V1Pod pod) => ReconciliationResult<V1Pod>.Success(pod);

    private sealed class ScriptedController : IEntityController<V1Pod>
    {
        public Signals<string> Calls { get; } = new();

        public Func<V1Pod, ReconciliationResult<V1Pod>> Next { get; set; } = Success;

        public Task Wait { get; set; } = Task.CompletedTask;

        public async Task<ReconciliationResult<V1Pod>> ReconcileAsync(V1Pod entity, CancellationToken cancellationToken)
        {
            Func<V1Pod, ReconciliationResult<V1Pod>> answer = Next;
            Calls.Add($"reconcile {entity.Name()} {entity.ResourceVersion()}");
            await Wait;
            return answer(entity);
        }

        public Task<ReconciliationResult<V1Pod>> DeletedAsync(V1Pod entity, CancellationToken cancellationToken)
        {
            Calls.Add($"deleted {entity.Name()} {entity.ResourceVersion()}");
            return Task.FromResult(Next(entity));
        }
    }
}
