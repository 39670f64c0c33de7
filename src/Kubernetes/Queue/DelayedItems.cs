namespace GpuMem.Kubernetes.Queue;

/// <summary>Items that are due later. One timer serves them all, set for the earliest; of two times for one item the earlier counts.</summary>
internal sealed class DelayedItems<T> : IDisposable
    where T : notnull
{
    // Timers take at most 49 days.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    private readonly Lock _gate = new();
    private readonly PriorityQueue<T, TimeSpan> _byTime = new();
    private readonly Dictionary<T, TimeSpan> _due = [];
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly Action<T> _release;
    private readonly ITimer _timer;

    internal DelayedItems(TimeProvider timeProvider, Action<T> release)
    {
        _time = timeProvider;
        _start = timeProvider.GetTimestamp();
        _release = release;
        _timer = timeProvider.CreateTimer(_ => ReleaseDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    internal void Add(T item, TimeSpan delay)
    {
        lock (_gate)
        {
            TimeSpan due = _time.GetElapsedTime(_start) + (delay < Longest ? delay : Longest);
            if (_due.TryGetValue(item, out TimeSpan earlier) && earlier <= due)
                return;
            // A later entry of the same item stays in the heap and is ignored when its time comes.
            _due[item] = due;
            _byTime.Enqueue(item, due);
            SetTimer();
        }
    }

    internal void Clear()
    {
        lock (_gate)
        {
            _due.Clear();
            _byTime.Clear();
            SetTimer();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void ReleaseDue()
    {
        List<T> released = [];
        lock (_gate)
        {
            TimeSpan now = _time.GetElapsedTime(_start);
            while (_byTime.TryPeek(out T? item, out TimeSpan due) && due <= now)
            {
                _byTime.Dequeue();
                if (_due.TryGetValue(item, out TimeSpan current) && current == due && _due.Remove(item))
                    released.Add(item);
            }

            SetTimer();
        }

        released.ForEach(_release);
    }

    private void SetTimer()
    {
        TimeSpan wait = Timeout.InfiniteTimeSpan;
        if (_byTime.TryPeek(out _, out TimeSpan due))
        {
            wait = due - _time.GetElapsedTime(_start);
            // Rounded up: a timer that fires a fraction early would find nothing due.
            wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
        }

        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }
}
