namespace GpuMem.Kubernetes.Queue;

/// <summary>
/// A queue of things that need work. Adding one that waits already changes nothing; one that is being worked on is handed out
/// again only after <see cref="Done"/>. The rules are those of client-go's workqueue, and its two priorities come from controller-runtime;
/// groups, where there are any, take turns.
/// </summary>
public sealed class WorkQueue<T> : IDisposable
    where T : notnull
{
    private readonly Lock _gate = new();
    private readonly PriorityLine<T> _waiting;
    private readonly HashSet<T> _dirty = [];
    private readonly HashSet<T> _processing = [];
    private readonly SemaphoreSlim _available = new(0);
    private readonly DelayedItems<T> _delayed;
    private readonly ItemBackoff<T> _backoff;
    private readonly QueueTimes<T>? _times;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _shutDown;

    /// <param name="timeProvider">The clock of the settings.</param>
    /// <param name="options">Its name, and how long failing items wait.</param>
    /// <param name="group">The group that an item belongs to, e.g. its namespace; null: all are in one.</param>
    public WorkQueue(TimeProvider timeProvider, WorkQueueOptions? options = null, Func<T, string>? group = null)
    {
        _waiting = new PriorityLine<T>(group);
        WorkQueueOptions settings = options ?? new WorkQueueOptions();
        _delayed = new DelayedItems<T>(timeProvider, item => Add(item, Priority.Low));
        _backoff = new ItemBackoff<T>(settings.BaseDelay, settings.MaxDelay);
        _times = settings.Name is { } name ? new QueueTimes<T>(name, timeProvider, _gate, _waiting) : null;
    }

    /// <summary>How many wait to be handed out now.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    public void Add(T item) => Add(item, Priority.Normal);

    /// <summary>The same; of two priorities of what waits already, the higher counts.</summary>
    public void Add(T item, Priority priority)
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            if (!_dirty.Add(item))
            {
                if (priority == Priority.Normal)
                    _waiting.Raise(item);
                return;
            }

            _times?.Added(item);
            if (!_processing.Contains(item))
                Push(item, priority);
        }
    }

    /// <summary>Adds it with low priority when the delay is over; of two delays the earlier counts.</summary>
    public void AddAfter(T item, TimeSpan delay)
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            _times?.AddedForLater();
        }

        if (delay <= TimeSpan.Zero)
            Add(item);
        else
            _delayed.Add(item, delay);
    }

    /// <summary>Adds it after a delay that doubles with each call until <see cref="Forget"/>.</summary>
    public void AddRateLimited(T item) => AddRateLimited(item, TimeSpan.Zero);

    /// <summary>The same, but not before <paramref name="atLeast"/>.</summary>
    public void AddRateLimited(T item, TimeSpan atLeast)
    {
        TimeSpan delay;
        lock (_gate)
            delay = _backoff.Next(item);
        AddAfter(item, delay > atLeast ? delay : atLeast);
    }

    public void Forget(T item)
    {
        lock (_gate)
            _backoff.Forget(item);
    }

    /// <summary>Waits for work; null once the queue is shut down and empty.</summary>
    public async ValueTask<WorkItem<T>?> GetAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _available.WaitAsync(cancellationToken);
            lock (_gate)
            {
                if (_waiting.TryDequeue(out T? item))
                {
                    _processing.Add(item);
                    _dirty.Remove(item);
                    _times?.Taken(item);
                    return new WorkItem<T>(item);
                }

                // Pass the signal on to the next one who waits.
                if (_shutDown)
                {
                    _available.Release();
                    return null;
                }
            }
        }
    }

    public void Done(T item)
    {
        lock (_gate)
        {
            _processing.Remove(item);
            _times?.Done(item);
            if (_dirty.Contains(item))
                Push(item, Priority.Normal);
            NoteDrained();
        }
    }

    /// <summary>Takes nothing more, hands out what waits, forgets what was due later.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            _shutDown = true;
            _available.Release();
            NoteDrained();
        }

        _delayed.Clear();
    }

    /// <summary>The same, and waits until everything that was handed out is <see cref="Done"/>. Somebody must still take what waits.</summary>
    public Task ShutDownWithDrainAsync(CancellationToken cancellationToken)
    {
        ShutDown();
        return _drained.Task.WaitAsync(cancellationToken);
    }

    public void Dispose()
    {
        _times?.Dispose();
        _delayed.Dispose();
        _available.Dispose();
    }

    private void NoteDrained()
    {
        if (_shutDown && _waiting.Count == 0 && _processing.Count == 0)
            _drained.TrySetResult();
    }

    private void Push(T item, Priority priority)
    {
        _waiting.Enqueue(item, priority);
        _available.Release();
    }
}
