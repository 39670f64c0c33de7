namespace GpuMem.Kubernetes.Controllers;

/// <summary>How a controller works through its queue.</summary>
public sealed record ControllerOptions
{
    /// <summary>Its name in the metrics; by default the kind in small letters.</summary>
    public string? Name { get; init; }

    /// <summary>How many objects are reconciled at once; one object never is twice.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>Caches that a reconciliation reads: workers wait for them too. Typically <c>informer.WaitForSyncAsync</c>.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> WaitFor { get; init; } = [];

    /// <summary>How long to wait for the caches before the run fails with what the API server said; for ever unless set.</summary>
    public TimeSpan CacheSyncTimeout { get; init; } = Timeout.InfiniteTimeSpan;

    public WorkQueueOptions Queue { get; init; } = new();
}
