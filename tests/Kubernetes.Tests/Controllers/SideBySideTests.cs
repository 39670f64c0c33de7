using GpuMem.Kubernetes.Controllers;

namespace GpuMem.Kubernetes.Tests.Controllers;

public sealed class SideBySideTests
{
    [Fact]
    public async Task The_first_that_fails_ends_the_others_and_is_told()
    {
        TaskCompletionSource ended = new();
        InvalidOperationException failure = await Assert.ThrowsAsync<InvalidOperationException>(() => SideBySide.RunAsync(
            [token => UntilCancelledAsync(ended, token), async _ => { await Task.Yield(); throw new InvalidOperationException("mine"); }], CancellationToken.None));
        Assert.Equal("mine", failure.Message);
        Assert.True(ended.Task.IsCompleted);
    }

    [Fact]
    public async Task Cancelled_it_ends_quietly_once_all_have_ended()
    {
        using CancellationTokenSource stop = new();
        TaskCompletionSource ended = new();
        Task running = SideBySide.RunAsync([token => UntilCancelledAsync(ended, token), token => Task.Delay(Timeout.Infinite, token)], stop.Token);
        Assert.False(running.IsCompleted);
        await stop.CancelAsync();
        await running;
        Assert.True(ended.Task.IsCompleted);
    }

    private static async Task UntilCancelledAsync(TaskCompletionSource ended, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.Yield();
        ended.SetResult();
    }
}
