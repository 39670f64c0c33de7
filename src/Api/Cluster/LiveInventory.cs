using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Cluster;

/// <summary>
/// The pools of a cluster while its nodes change: a change costs the pool it is in, and nothing until somebody asks, so that a thousand nodes
/// starting at once cost one answer. What it says is what <see cref="InventoryBuilder.OfGpuNodes"/> makes of all nodes and declarations.
/// </summary>
public sealed class LiveInventory
{
    private readonly Lock _gate = new();

    private readonly Dictionary<string, (GpuNode Node, string Pool)> _nodes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<string, GpuNode>> _members = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, GpuPool> _declared = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, PoolEntry> _entries = new(StringComparer.Ordinal);

    /// <summary>Pools to be looked at again.</summary>
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Those that select nodes, in the order in which they claim them.</summary>
    private List<GpuPool> _selecting = [];

    private bool _selectorsChanged;

    private PoolInventory? _current = PoolInventory.Empty;

    public PoolInventory Current
    {
        get
        {
            if (Volatile.Read(ref _current) is { } current)
                return current;
            lock (_gate)
                return _current ??= Renewed();
        }
    }

    /// <param name="now">Null when the node is gone, or has no GPU any more.</param>
    public void Set(string node, GpuNode? now)
    {
        lock (_gate)
        {
            Leave(node);
            if (now is not null)
                Join(node, now, InventoryBuilder.Owner(now, _selecting));
            _current = null;
        }
    }

    /// <param name="declared">Null when it is gone.</param>
    public void Declare(string pool, GpuPool? declared)
    {
        lock (_gate)
        {
            var selected = _declared.TryGetValue(pool, out var old) && InventoryBuilder.Selects(old);
            if (declared is null)
                _declared.Remove(pool);
            else
                _declared[pool] = declared;
            _changed.Add(pool);
            _selectorsChanged |= selected || (declared is not null && InventoryBuilder.Selects(declared));
            _current = null;
        }
    }

    private PoolInventory Renewed()
    {
        if (_selectorsChanged)
            Reassign();
        foreach (var name in _changed)
        {
            var members = _members.GetValueOrDefault(name)?.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ToList() ?? [];
            if (InventoryBuilder.Entry(name, members, _declared.GetValueOrDefault(name)) is { } entry)
                _entries[name] = entry;
            else
                _entries.Remove(name);
        }
        _changed.Clear();
        return new PoolInventory([.. _entries.Values]);
    }

    /// <summary>A selector has come, gone or changed: any node may have another owner now.</summary>
    private void Reassign()
    {
        _selecting = [.. _declared.Values.Where(InventoryBuilder.Selects)];
        foreach (var (name, (node, pool)) in _nodes.ToList())
        {
            var owner = InventoryBuilder.Owner(node, _selecting);
            if (owner == pool)
                continue;
            Leave(name);
            Join(name, node, owner);
        }
        _selectorsChanged = false;
    }

    private void Join(string name, GpuNode node, string pool)
    {
        if (!_members.TryGetValue(pool, out var members))
            _members[pool] = members = new Dictionary<string, GpuNode>(StringComparer.Ordinal);
        members[name] = node;
        _nodes[name] = (node, pool);
        _changed.Add(pool);
    }

    private void Leave(string name)
    {
        if (!_nodes.Remove(name, out var known))
            return;
        var members = _members[known.Pool];
        members.Remove(name);
        if (members.Count == 0)
            _members.Remove(known.Pool);
        _changed.Add(known.Pool);
    }
}
