using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Informers;

/// <summary>Keeps a store equal to what the API server has, and tells subscribers of each change.</summary>
#pragma warning disable CS9113, CA1822
public sealed class Informer<T>(
    IKubernetesClient client, InformerOptions<T> options, ILogger<Informer<T>> logger, TimeProvider timeProvider)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    public IEntityStore<T> Store => throw new NotImplementedException();

    /// <summary>The store holds the whole first list.</summary>
    public bool HasSynced => throw new NotImplementedException();

    /// <summary>When the API server was last heard; null before the first time.</summary>
    public DateTimeOffset? LastContact => throw new NotImplementedException();

    /// <summary>What went wrong since then; null when nothing did.</summary>
    public Exception? LastError => throw new NotImplementedException();

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// Tells of every object already stored as added, then of each change in order. Calls for one subscriber never overlap;
    /// what it throws is logged, and none of the others notice.
    /// </summary>
    public IDisposable Subscribe(Action<StoreEvent<T>> handler) => throw new NotImplementedException();

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException();
}
