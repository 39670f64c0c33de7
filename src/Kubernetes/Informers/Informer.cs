namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Keeps a store equal to what the API server has, and tells subscribers of each change. Of each <typeparamref name="TEntity"/> only a
/// <typeparamref name="TView"/> is kept, and none of those whose view is null.
/// </summary>
public class Informer<TEntity, TView> : ICache
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
    where TView : class
{
    private readonly EntityStore<TView> _store;
    private readonly Contact _contact;
    private readonly Reflector<TEntity, TView> _reflector;
    private readonly InformerOptions _options;
    private readonly TimeProvider _time;

    /// <summary><paramref name="random"/> gives at least 0 and less than 1, which spreads attempts over time.</summary>
    public Informer(
        IKubernetesClient client,
        InformerOptions options,
        Func<TEntity, TView?> project,
        ILogger logger,
        TimeProvider timeProvider,
        Func<double>? random = null)
    {
#if DEBUG
        // What is projected is made of values that nobody can change; what is kept as it was read is not.
        _store = new EntityStore<TView>(logger, (options as InformerOptions<TView>)?.Contract is { } contract ? new(contract, Environment.FailFast) : null);
#else
        _store = new EntityStore<TView>(logger);
#endif
        _contact = new Contact(timeProvider);
        _reflector = new Reflector<TEntity, TView>(
            client, options, Kept<TView>.Of(project), _store, _contact, logger, timeProvider, random ?? Random.Shared.NextDouble);
        _options = options;
        _time = timeProvider;
    }

    public IEntityStore<TView> Store => _store;

    /// <summary>The store holds the whole first list, and subscribers have been told.</summary>
    public bool HasSynced => _contact.Synced.IsCompleted;

    /// <summary>What went wrong since the API server was last heard; null when nothing did.</summary>
    public Exception? LastError => _contact.Error;

    public IEnumerable<CacheStatus> Status =>
        [new(EntityMetadata.Of<TEntity>().Plural, HasSynced, _contact.Last, LastError, _contact.StreamFellSilent)];

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _contact.Synced.WaitAsync(cancellationToken);

    /// <summary>
    /// Tells of every object already stored as added, then of each change in order. Calls for one subscriber never overlap;
    /// what it throws is logged, and none of the others notice.
    /// </summary>
    public Subscription<TView> Subscribe(Action<StoreEvent<TView>> handler) => _store.Subscribe(handler);

    /// <summary>Files objects under keys of their own, for <see cref="IEntityStore{T}.ByIndex"/>.</summary>
    public void AddIndex(string name, Func<TView, IEnumerable<string>> keysOf) => _store.AddIndex(name, keysOf);

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_reflector.RunAsync(cancellationToken), ResyncAsync(cancellationToken));

    private async Task ResyncAsync(CancellationToken cancellationToken)
    {
        if (_options.ResyncPeriod is not { } period)
            return;
        using PeriodicTimer timer = new(period, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                _store.Resync();
        }
        catch (OperationCanceledException)
        {
        }
    }
}

/// <summary>An informer that keeps the objects themselves.</summary>
public sealed class Informer<T>(
    IKubernetesClient client,
    InformerOptions<T> options,
    ILogger<Informer<T>> logger,
    TimeProvider timeProvider,
    Func<double>? random = null)
    : Informer<T, T>(client, options, options.Transform ?? (entity => entity), logger, timeProvider, random)
    where T : class, IKubernetesObject<V1ObjectMeta>;
