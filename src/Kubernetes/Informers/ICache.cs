namespace GpuMem.Kubernetes.Informers;

/// <summary>Objects that are followed, by one informer or by several.</summary>
public interface ICache
{
    /// <summary>How it stands, kind by kind.</summary>
    IEnumerable<CacheStatus> Status { get; }

    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Ends only when cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
