using System.Threading.Channels;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// One subscriber of an informer; disposing it, once or more often, ends its calls. Its handler has a line of its own: slow or throwing, it
/// holds up nobody else.
/// </summary>
public sealed class Subscription<T> : IDisposable
    where T : class
{
    // Null marks the end of the first list.
    private readonly Channel<StoreEvent<T>?> _line = Channel.CreateUnbounded<StoreEvent<T>?>(new UnboundedChannelOptions { SingleReader = true });
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action<StoreEvent<T>> _handler;
    private readonly Action<Subscription<T>> _unsubscribe;
    private readonly ILogger _logger;
    private volatile bool _disposed;

    internal Subscription(Action<StoreEvent<T>> handler, Action<Subscription<T>> unsubscribe, ILogger logger)
    {
        _handler = handler;
        _unsubscribe = unsubscribe;
        _logger = logger;
        _ = DeliverAsync();
    }

    /// <summary>The handler has been called for every object of the informer's first list, which is after the informer has synced.</summary>
    public bool HasSynced => _synced.Task.IsCompleted;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    internal void Post(StoreEvent<T> change) => _line.Writer.TryWrite(change);

    internal void PostSynced() => _line.Writer.TryWrite(null);

    public void Dispose()
    {
        _disposed = true;
        _unsubscribe(this);
        _line.Writer.TryComplete();
    }

    private async Task DeliverAsync()
    {
        // Off the caller's thread, which holds the store's lock.
        await Task.Yield();
        await foreach (StoreEvent<T>? change in _line.Reader.ReadAllAsync())
        {
            if (_disposed)
                return;
            if (change is { } told)
                Deliver(told);
            else
                _synced.TrySetResult();
        }
    }

    private void Deliver(StoreEvent<T> change)
    {
        try
        {
            _handler(change);
        }
#pragma warning disable CA1031 // Whatever a handler throws, the next change must reach it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _logger.HandlerFailed(failure, typeof(T).Name, change.Name);
        }
    }
}
