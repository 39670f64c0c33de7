using System.Collections.Immutable;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Readers take an immutable state without a lock. A change is stored before it is told, and both happen under one lock, so that a
/// late subscriber misses nothing and hears nothing twice.
/// </summary>
internal sealed class EntityStore<T>(Func<T, T>? transform, ILogger logger) : IEntityStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly Lock _gate = new();
    private volatile ImmutableDictionary<NamespacedName, T> _objects = ImmutableDictionary<NamespacedName, T>.Empty;
    private ImmutableList<Subscription<T>> _subscriptions = [];

    public int Count => _objects.Count;

    public T? Get(NamespacedName name) => _objects.GetValueOrDefault(name);

    public IReadOnlyCollection<T> List() => new Snapshot<T>(_objects);

    internal void Upsert(T entity)
    {
        T kept = Trim(entity);
        NamespacedName name = NamespacedName.Of(kept);
        lock (_gate)
        {
            T? old = _objects.GetValueOrDefault(name);
            _objects = _objects.SetItem(name, kept);
            TellChange(old, kept);
        }
    }

    internal void Remove(T entity)
    {
        NamespacedName name = NamespacedName.Of(entity);
        lock (_gate)
        {
            T? old = _objects.GetValueOrDefault(name);
            _objects = _objects.Remove(name);
            if (old is not null)
                Tell(new StoreEvent<T>(StoreEventType.Deleted, old, null));
        }
    }

    /// <summary>
    /// Makes the store equal to a complete list; what is not in it was deleted while nobody watched. What is there but cannot be
    /// read stays as it last was: to call it deleted would be worse than to be late.
    /// </summary>
    internal void Replace(IReadOnlyCollection<T> entities, IEnumerable<NamespacedName> unreadable)
    {
        ImmutableDictionary<NamespacedName, T>.Builder builder = ImmutableDictionary.CreateBuilder<NamespacedName, T>();
        foreach (T entity in entities)
        {
            T kept = Trim(entity);
            builder[NamespacedName.Of(kept)] = kept;
        }

        lock (_gate)
        {
            ImmutableDictionary<NamespacedName, T> before = _objects;
            foreach (NamespacedName name in unreadable)
            {
                if (before.TryGetValue(name, out T? last))
                    builder.TryAdd(name, last);
            }

            _objects = builder.ToImmutable();
            foreach ((NamespacedName name, T gone) in before)
            {
                if (!_objects.ContainsKey(name))
                    Tell(new StoreEvent<T>(StoreEventType.Deleted, gone, null));
            }

            foreach ((NamespacedName name, T kept) in _objects)
                TellChange(before.GetValueOrDefault(name), kept);
        }
    }

    internal Subscription<T> Subscribe(Action<StoreEvent<T>> handler)
    {
        lock (_gate)
        {
            Subscription<T> subscription = new(handler, Unsubscribe, logger);
            foreach (T entity in _objects.Values)
                subscription.Post(new StoreEvent<T>(StoreEventType.Added, null, entity));
            _subscriptions = _subscriptions.Add(subscription);
            return subscription;
        }
    }

    private void Unsubscribe(Subscription<T> subscription)
    {
        lock (_gate)
            _subscriptions = _subscriptions.Remove(subscription);
    }

    private T Trim(T entity) => transform is null ? entity : transform(entity);

    private void TellChange(T? old, T kept)
    {
        if (old is null)
            Tell(new StoreEvent<T>(StoreEventType.Added, null, kept));
        else if (old.Uid() != kept.Uid() || old.ResourceVersion() is null || old.ResourceVersion() != kept.ResourceVersion())
            Tell(new StoreEvent<T>(StoreEventType.Updated, old, kept));
    }

    private void Tell(StoreEvent<T> change)
    {
        foreach (Subscription<T> subscription in _subscriptions)
            subscription.Post(change);
    }
}
