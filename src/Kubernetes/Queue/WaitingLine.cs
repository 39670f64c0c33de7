namespace GpuMem.Kubernetes.Queue;

/// <summary>
/// Who is next: groups take turns, and within a group the first come is the first served. Ten items of one tenant wait for ten turns,
/// not for the ten thousand of another.
/// </summary>
internal sealed class WaitingLine<T>(Func<T, string>? group)
    where T : notnull
{
    private readonly Dictionary<string, Queue<T>> _groups = [];
    private readonly Queue<string> _turns = new();

    internal int Count { get; private set; }

    internal void Enqueue(T item)
    {
        string name = group?.Invoke(item) ?? "";
        if (!_groups.TryGetValue(name, out Queue<T>? members))
        {
            _groups[name] = members = new Queue<T>();
            _turns.Enqueue(name);
        }

        members.Enqueue(item);
        Count++;
    }

    internal bool TryDequeue([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        if (!_turns.TryDequeue(out string? name))
        {
            item = default;
            return false;
        }

        Queue<T> members = _groups[name];
        item = members.Dequeue();
        Count--;
        if (members.Count > 0)
            _turns.Enqueue(name);
        else
            _groups.Remove(name);
        return true;
    }
}
