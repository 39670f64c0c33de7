namespace GpuMem.Kubernetes.Queue;

/// <summary>
/// Two waiting lines: what has changed goes before what is only looked at once more, of which there are thousands at once after a start. That has
/// a turn now and then, so that it moves on however much changes.
/// </summary>
internal sealed class PriorityLine<T>(Func<T, string>? group)
    where T : notnull
{
    /// <summary>So many items of normal priority are taken for one of low.</summary>
    private const int NormalForOneLow = 3;

    private readonly WaitingLine<T> _normal = new(group);
    private readonly WaitingLine<T> _low = new(group);
    private int _normalInARow;

    internal int Count => _normal.Count + _low.Count;

    internal void Enqueue(T item, Priority priority) => (priority == Priority.Low ? _low : _normal).Enqueue(item);

    /// <summary>What may be waiting with low priority is wanted now.</summary>
    internal void Raise(T item)
    {
        if (_low.Remove(item))
            _normal.Enqueue(item);
    }

    internal bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        if (_normalInARow < NormalForOneLow && _normal.TryDequeue(out item))
        {
            _normalInARow++;
            return true;
        }

        _normalInARow = 0;
        return _low.TryDequeue(out item) || _normal.TryDequeue(out item);
    }
}
