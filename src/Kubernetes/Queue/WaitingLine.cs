namespace GpuMem.Kubernetes.Queue;

/// <summary>
/// Who is next: groups take turns, and within a group the first come is the first served. Ten items of one tenant wait for ten turns,
/// not for the ten thousand of another.
/// </summary>
internal sealed class WaitingLine<T>(Func<T, string>? group)
    where T : notnull
{
    private readonly Dictionary<string, LinkedList<T>> _groups = [];
    private readonly Dictionary<T, LinkedListNode<T>> _places = [];

    // Each group once.
    private readonly Queue<string> _turns = new();

    internal int Count => _places.Count;

    internal void Enqueue(T item)
    {
        string name = group?.Invoke(item) ?? "";
        if (!_groups.TryGetValue(name, out LinkedList<T>? members))
        {
            _groups[name] = members = [];
            _turns.Enqueue(name);
        }

        _places[item] = members.AddLast(item);
    }

    /// <summary>False when it does not wait here. Its group, even when that is empty now, keeps its turn.</summary>
    internal bool Remove(T item)
    {
        if (!_places.Remove(item, out LinkedListNode<T>? place))
            return false;
        place.List!.Remove(place);
        return true;
    }

    internal bool TryDequeue([MaybeNullWhen(false)] out T item)
    {
        while (_turns.TryDequeue(out string? name))
        {
            LinkedList<T> members = _groups[name];
            if (members.First is not { Value: var first })
            {
                _groups.Remove(name);
                continue;
            }

            Remove(first);
            if (members.Count > 0)
                _turns.Enqueue(name);
            else
                _groups.Remove(name);
            item = first;
            return true;
        }

        item = default;
        return false;
    }
}
