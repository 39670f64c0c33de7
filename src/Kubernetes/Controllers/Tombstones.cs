using System.Collections.Concurrent;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>The last state of deleted objects, until their controller has been told.</summary>
internal sealed class Tombstones<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly ConcurrentDictionary<NamespacedName, T> _gone = new();

    internal void Observe(StoreEvent<T> change)
    {
        // Deleted and created again between two lists looks like an update with another UID.
        bool replaced = change is { Old: { } old, New: { } now } && old.Uid() != now.Uid();
        if (change.Old is { } last && (change.New is null || replaced))
            _gone[NamespacedName.Of(last)] = last;
    }

    internal T? Find(NamespacedName name) => _gone.GetValueOrDefault(name);

    /// <summary>Keeps a newer one that came in the meantime.</summary>
    internal void Bury(NamespacedName name, T told) => _gone.TryRemove(KeyValuePair.Create(name, told));
}
