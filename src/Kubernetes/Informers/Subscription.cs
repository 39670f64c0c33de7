using System.Threading.Channels;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Informers;

/// <summary>One handler with a line of its own: slow or throwing, it holds up nobody else.</summary>
internal sealed class Subscription<T> : IDisposable
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Channel<StoreEvent<T>> _line = Channel.CreateUnbounded<StoreEvent<T>>(new UnboundedChannelOptions { SingleReader = true });
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

    internal void Post(StoreEvent<T> change) => _line.Writer.TryWrite(change);

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
        await foreach (StoreEvent<T> change in _line.Reader.ReadAllAsync())
        {
            if (_disposed)
                return;
            Deliver(change);
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
            _logger.HandlerFailed(failure, typeof(T).Name, NamespacedName.Of(change.Entity));
        }
    }
}
