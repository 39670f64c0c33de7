namespace GpuMem.Kubernetes.Client;

/// <summary>Ends a wait for the server after a time without a single byte: a dead connection may never say so itself.</summary>
internal sealed class Silence : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _watchdog;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;

    internal Silence(TimeSpan limit, TimeProvider timeProvider, CancellationToken caller)
    {
        _limit = limit;
        _caller = caller;
        _watchdog = new CancellationTokenSource(limit, timeProvider);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(caller, _watchdog.Token);
    }

    internal async Task<T> BreakAsync<T>(Func<CancellationToken, Task<T>> wait)
    {
        try
        {
            _watchdog.CancelAfter(_limit);
            return await wait(_linked.Token);
        }
        catch (OperationCanceledException silent) when (_watchdog.IsCancellationRequested && !_caller.IsCancellationRequested)
        {
            throw new TimeoutException($"the API server sent nothing for {_limit.TotalSeconds:0} s", silent);
        }
        catch (OperationCanceledException lost) when (!_linked.IsCancellationRequested)
        {
            // Nobody cancelled it but the connection under it; to callers it must not look as if they had.
            throw new IOException("the connection was closed", lost);
        }
    }

    public void Dispose()
    {
        _linked.Dispose();
        _watchdog.Dispose();
    }
}
