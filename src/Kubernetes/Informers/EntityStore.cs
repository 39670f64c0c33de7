using System.Collections.Immutable;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Readers take an immutable state without a lock. A change is stored before it is told, and both happen under one lock, so that a
/// late subscriber misses nothing and hears nothing twice.
/// </summary>
internal sealed class EntityStore<TView>(ILogger logger, MutationDetector<TView>? mutations = null) : IEntityStore<TView>
    where TView : class
{
    private readonly Lock _gate = new();
    private volatile ImmutableDictionary<NamespacedName, Kept<TView>> _objects = ImmutableDictionary<NamespacedName, Kept<TView>>.Empty;
    private volatile ImmutableDictionary<string, StoreIndex<TView>> _indexes = ImmutableDictionary<string, StoreIndex<TView>>.Empty;
    private ImmutableList<Subscription<TView>> _subscriptions = [];

    // Holds a whole list: what a new subscriber is told at once is all there is.
    private bool _isComplete;

    public int Count => _objects.Count;

    public TView? Get(NamespacedName name) => _objects.GetValueOrDefault(name)?.View;

    public IReadOnlyCollection<TView> List()
    {
        ImmutableDictionary<NamespacedName, Kept<TView>> objects = _objects;
        return new Values<TView>(objects.Values.Select(kept => kept.View), objects.Count);
    }

    public IReadOnlyCollection<TView> ByIndex(string index, string key) =>
        _indexes.TryGetValue(index, out StoreIndex<TView>? found) ? found.Find(key) : throw new ArgumentException($"There is no index '{index}'.", nameof(index));

    internal void AddIndex(string name, Func<TView, IEnumerable<string>> keysOf)
    {
        StoreIndex<TView> index = new(keysOf);
        lock (_gate)
        {
            foreach (Kept<TView> kept in _objects.Values)
                index.Change(kept.Name, null, kept.View);
            _indexes = _indexes.Add(name, index);
        }
    }

    internal void Upsert(Kept<TView> kept)
    {
        lock (_gate)
        {
            Kept<TView>? old = _objects.GetValueOrDefault(kept.Name);
            _objects = _objects.SetItem(kept.Name, kept);
            TellChange(old, kept);
        }
    }

    internal void Remove(NamespacedName name)
    {
        lock (_gate)
        {
            if (!_objects.TryGetValue(name, out Kept<TView>? old))
                return;
            _objects = _objects.Remove(name);
            TellGone(old);
        }
    }

    /// <summary>
    /// Makes the store equal to a complete list; what is not in it was deleted while nobody watched. What is there but cannot be
    /// read stays as it last was: to call it deleted would be worse than to be late.
    /// </summary>
    internal void Replace(IEnumerable<Kept<TView>> entities, IEnumerable<NamespacedName> unreadable)
    {
        ImmutableDictionary<NamespacedName, Kept<TView>>.Builder builder = ImmutableDictionary.CreateBuilder<NamespacedName, Kept<TView>>();
        foreach (Kept<TView> kept in entities)
            builder[kept.Name] = kept;

        lock (_gate)
        {
            ImmutableDictionary<NamespacedName, Kept<TView>> before = _objects;
            foreach (NamespacedName name in unreadable)
            {
                if (before.TryGetValue(name, out Kept<TView>? last))
                    builder.TryAdd(name, last);
            }

            _objects = builder.ToImmutable();
            foreach ((NamespacedName name, Kept<TView> gone) in before)
            {
                if (!_objects.ContainsKey(name))
                    TellGone(gone);
            }

            foreach ((NamespacedName name, Kept<TView> kept) in _objects)
                TellChange(before.GetValueOrDefault(name), kept);
        }
    }

    /// <summary>Tells of every object once more, as an update that changes nothing.</summary>
    internal void Resync()
    {
        lock (_gate)
        {
            foreach (Kept<TView> kept in _objects.Values)
                Tell(new StoreEvent<TView>(StoreEventType.Updated, kept.Name, kept.View, kept.View, IsReplay: true));
        }
    }

    internal Subscription<TView> Subscribe(Action<StoreEvent<TView>> handler)
    {
        lock (_gate)
        {
            Subscription<TView> subscription = new(handler, Unsubscribe, logger);
            foreach (Kept<TView> kept in _objects.Values)
                subscription.Post(new StoreEvent<TView>(StoreEventType.Added, kept.Name, null, kept.View, IsReplay: true));
            if (_isComplete)
                subscription.PostSynced();
            _subscriptions = _subscriptions.Add(subscription);
            return subscription;
        }
    }

    /// <summary>After the first list: whoever has heard everything up to here has heard all of it.</summary>
    internal void TellSynced()
    {
        lock (_gate)
        {
            _isComplete = true;
            foreach (Subscription<TView> subscription in _subscriptions)
                subscription.PostSynced();
        }
    }

    private void Unsubscribe(Subscription<TView> subscription)
    {
        lock (_gate)
            _subscriptions = _subscriptions.Remove(subscription);
    }

    private void TellChange(Kept<TView>? old, Kept<TView> kept)
    {
        if (ReferenceEquals(old, kept))
            return;
        mutations?.Compare(old?.View);
        mutations?.Remember(kept.View);
        foreach (StoreIndex<TView> index in _indexes.Values)
            index.Change(kept.Name, old?.View, kept.View);
        if (old is null)
            Tell(new StoreEvent<TView>(StoreEventType.Added, kept.Name, null, kept.View));
        else if (!kept.IsSameStateAs(old))
            Tell(new StoreEvent<TView>(StoreEventType.Updated, kept.Name, old.View, kept.View));
    }

    private void TellGone(Kept<TView> gone)
    {
        mutations?.Compare(gone.View);
        foreach (StoreIndex<TView> index in _indexes.Values)
            index.Change(gone.Name, gone.View, null);
        Tell(new StoreEvent<TView>(StoreEventType.Deleted, gone.Name, gone.View, null));
    }

    private void Tell(StoreEvent<TView> change)
    {
        foreach (Subscription<TView> subscription in _subscriptions)
            subscription.Post(change);
    }
}
