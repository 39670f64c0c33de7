namespace GpuMem.Kubernetes.Queue;

/// <summary>When items came and were taken, for the metrics of a queue with a name. Its methods are called with the queue's lock held.</summary>
internal sealed class QueueTimes<T> : IQueueState, IDisposable
    where T : notnull
{
    private readonly Dictionary<T, long> _added = [];
    private readonly Dictionary<T, long> _started = [];
    private readonly KeyValuePair<string, object?> _label;
    private readonly TimeProvider _time;
    private readonly Lock _gate;
    private readonly PriorityLine<T> _waiting;

    internal QueueTimes(string name, TimeProvider timeProvider, Lock gate, PriorityLine<T> waiting)
    {
        _label = QueueMetrics.Of(name);
        _time = timeProvider;
        _gate = gate;
        _waiting = waiting;
        QueueMetrics.Adds.Add(0, _label);
        QueueMetrics.Retries.Add(0, _label);
        QueueMetrics.Watch(this, name);
    }

    int IQueueState.Depth
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    (double Total, double Longest) IQueueState.Unfinished
    {
        get
        {
            lock (_gate)
            {
                double[] running = [.. _started.Values.Select(start => _time.GetElapsedTime(start).TotalSeconds)];
                return (running.Sum(), running.DefaultIfEmpty().Max());
            }
        }
    }

    internal void Added(T item)
    {
        QueueMetrics.Adds.Add(1, _label);
        _added.TryAdd(item, _time.GetTimestamp());
    }

    internal void AddedForLater() => QueueMetrics.Retries.Add(1, _label);

    internal void Taken(T item)
    {
        if (_added.Remove(item, out long added))
            QueueMetrics.QueueDuration.Record(_time.GetElapsedTime(added).TotalSeconds, _label);
        _started[item] = _time.GetTimestamp();
    }

    internal void Done(T item)
    {
        if (_started.Remove(item, out long started))
            QueueMetrics.WorkDuration.Record(_time.GetElapsedTime(started).TotalSeconds, _label);
    }

    public void Dispose() => QueueMetrics.Unwatch(this);
}
