namespace GpuMem.Kubernetes.Informers;

/// <summary>One subscriber of an informer; disposing it, once or more often, ends its calls.</summary>
public interface IInformerSubscription : IDisposable
{
    /// <summary>The handler has been called for every object of the informer's first list: later than the informer itself has synced.</summary>
    bool HasSynced { get; }

    Task WaitForSyncAsync(CancellationToken cancellationToken);
}
