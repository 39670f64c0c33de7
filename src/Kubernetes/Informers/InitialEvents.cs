namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// What a streaming list has told so far (KEP-3157). It is complete at the bookmark with this annotation; until then nobody sees any of it, and
/// a stream that tells nothing for too long is given up: something in between may hold back what is streamed, and would for ever.
/// </summary>
internal sealed class InitialEvents<TView> : IDisposable
    where TView : class
{
    /// <summary>A server that streams begins at once; its slowest part, waiting for its own cache, it gives up after three seconds.</summary>
    internal static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(10);

    private const string EndAnnotation = "k8s.io/initial-events-end";

    private readonly CancellationTokenSource _silence;
    private readonly CancellationTokenSource _linked;
    private readonly Dictionary<NamespacedName, Kept<TView>> _items = [];
    private readonly List<UnreadableEntity> _unreadable = [];

    internal InitialEvents(TimeProvider timeProvider, CancellationToken cancellationToken)
    {
        _silence = new CancellationTokenSource(LongestSilence, timeProvider);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _silence.Token);
    }

    internal bool IsComplete { get; private set; }

    internal bool FellSilent => _silence.IsCancellationRequested;

    /// <summary>Cancelled when nobody wants the stream any more, or when it has fallen silent before it was complete.</summary>
    internal CancellationToken Cancelled => _linked.Token;

    internal IReadOnlyCollection<Kept<TView>> Items => _items.Values;

    internal IReadOnlyCollection<UnreadableEntity> Unreadable => _unreadable;

    internal void Skipped(UnreadableEntity entity)
    {
        if (IsComplete)
            return;
        _silence.CancelAfter(LongestSilence);
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

        _silence.CancelAfter(IsComplete ? Timeout.InfiniteTimeSpan : LongestSilence);
        return IsComplete;
    }

    public void Dispose()
    {
        _linked.Dispose();
        _silence.Dispose();
    }
}
