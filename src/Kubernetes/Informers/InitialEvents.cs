using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// What a streaming list has told so far (KEP-3157). It is complete at the bookmark with this annotation; until then nobody sees any of it.
/// </summary>
internal sealed class InitialEvents<TView>
    where TView : class
{
    private const string EndAnnotation = "k8s.io/initial-events-end";

    private readonly Dictionary<NamespacedName, Kept<TView>> _items = [];
    private readonly List<UnreadableEntity> _unreadable = [];

    internal bool IsComplete { get; private set; }

    internal IReadOnlyCollection<Kept<TView>> Items => _items.Values;

    internal IReadOnlyCollection<UnreadableEntity> Unreadable => _unreadable;

    internal void Skipped(UnreadableEntity entity)
    {
        if (!IsComplete)
            _unreadable.Add(entity);
    }

    /// <summary>True when this event was the last one.</summary>
    internal bool Take<TEntity>(WatchEvent<TEntity> change, Func<TEntity, Kept<TView>?> keep)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        switch (change.Type)
        {
            case WatchEventType.Error:
                throw new KubernetesException(change.Status ?? new V1Status());
            case WatchEventType.Bookmark:
                IsComplete = change.Object?.GetAnnotation(EndAnnotation) == "true";
                break;
            case WatchEventType.Added or WatchEventType.Modified when keep(change.Object!) is { } kept:
                _items[kept.Name] = kept;
                break;
            default:
                _items.Remove(NamespacedName.Of(change.Object!));
                break;
        }

        return IsComplete;
    }
}
