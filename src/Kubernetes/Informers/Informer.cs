using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Informers;

/// <summary>Keeps a store equal to what the API server has, and tells subscribers of each change.</summary>
public sealed class Informer<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly EntityStore<T> _store;
    private readonly Contact _contact;
    private readonly Reflector<T> _reflector;

    public Informer(IKubernetesClient client, InformerOptions<T> options, ILogger<Informer<T>> logger, TimeProvider timeProvider)
        : this(client, options, logger, timeProvider, Random.Shared.NextDouble)
    {
    }

    internal Informer(
        IKubernetesClient client, InformerOptions<T> options, ILogger<Informer<T>> logger, TimeProvider timeProvider, Func<double> random)
    {
        _store = new EntityStore<T>(options.Transform, logger);
        _contact = new Contact(timeProvider);
        _reflector = new Reflector<T>(client, options, _store, _contact, logger, timeProvider, random);
    }

    public IEntityStore<T> Store => _store;

    /// <summary>The store holds the whole first list, and subscribers have been told.</summary>
    public bool HasSynced => _contact.Synced.IsCompleted;

    /// <summary>When the API server was last heard; null before the first time.</summary>
    public DateTimeOffset? LastContact => _contact.Last;

    /// <summary>What went wrong since then; null when nothing did.</summary>
    public Exception? LastError => _contact.Error;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _contact.Synced.WaitAsync(cancellationToken);

    /// <summary>
    /// Tells of every object already stored as added, then of each change in order. Calls for one subscriber never overlap;
    /// what it throws is logged, and none of the others notice.
    /// </summary>
    public IDisposable Subscribe(Action<StoreEvent<T>> handler) => _store.Subscribe(handler);

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _reflector.RunAsync(cancellationToken);
}
