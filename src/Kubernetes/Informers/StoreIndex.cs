using System.Collections.Immutable;

namespace GpuMem.Kubernetes.Informers;

/// <summary>Objects by something other than their name. Readers see one immutable state; only the store's writer changes it.</summary>
internal sealed class StoreIndex<TView>(Func<TView, IEnumerable<string>> keysOf)
    where TView : class
{
    private volatile ImmutableDictionary<string, ImmutableDictionary<NamespacedName, TView>> _buckets =
        ImmutableDictionary.Create<string, ImmutableDictionary<NamespacedName, TView>>(StringComparer.Ordinal);

    /// <summary>How many keys have objects.</summary>
    internal int Count => _buckets.Count;

    internal IReadOnlyCollection<TView> Find(string key) =>
        _buckets.TryGetValue(key, out ImmutableDictionary<NamespacedName, TView>? bucket) ? new Values<TView>(bucket.Values, bucket.Count) : [];

    internal void Change(NamespacedName name, TView? old, TView? now)
    {
        ImmutableDictionary<string, ImmutableDictionary<NamespacedName, TView>> buckets = _buckets;
        foreach (string key in old is null ? [] : keysOf(old))
        {
            if (!buckets.TryGetValue(key, out ImmutableDictionary<NamespacedName, TView>? bucket))
                continue;
            bucket = bucket.Remove(name);
            buckets = bucket.IsEmpty ? buckets.Remove(key) : buckets.SetItem(key, bucket);
        }

        foreach (string key in now is null ? [] : keysOf(now))
        {
            ImmutableDictionary<NamespacedName, TView> bucket = buckets.GetValueOrDefault(key) ?? ImmutableDictionary<NamespacedName, TView>.Empty;
            buckets = buckets.SetItem(key, bucket.SetItem(name, now!));
        }

        _buckets = buckets;
    }
}
