using GpuMem.Kubernetes.Queue;

namespace GpuMem.Kubernetes.Tests.Queue;

public sealed class DrainTests : IDisposable
{
    private readonly WorkQueue<string> _queue = new(new ManualTime());

    [Fact]
    public async Task Q4_Draining_waits_until_what_was_handed_out_is_done()
    {
        _queue.Add("a");
        _queue.Add("b");
        await _queue.GetAsync(default);
        _queue.Add("a");
        Task drained = _queue.ShutDownWithDrainAsync(default);
        await _queue.GetAsync(default);
        _queue.Done("b");
        Assert.False(drained.IsCompleted);

        // It changed while it was worked on, before the end: that too is handed out.
        _queue.Done("a");
        Assert.False(drained.IsCompleted);
        Assert.Equal("a", (await _queue.GetAsync(default))!.Value.Value);
        Assert.False(drained.IsCompleted);
        _queue.Done("a");
        await drained;
        Assert.Null(await _queue.GetAsync(default));
    }

    [Fact]
    public async Task Q4_An_idle_queue_is_drained_at_once() => await _queue.ShutDownWithDrainAsync(default);

    [Fact]
    public async Task Q4_Waiting_for_the_drain_can_be_given_up()
    {
        _queue.Add("stuck");
        using CancellationTokenSource patience = new();
        Task drained = _queue.ShutDownWithDrainAsync(patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => drained);
    }

    public void Dispose() => _queue.Dispose();
}
