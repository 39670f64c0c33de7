using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;

namespace GpuMem.Api.Cluster;

/// <summary>
/// The pools of a cluster while its nodes change: a change costs the pool it is in, and nothing until <see cref="Renew()"/>, so that a thousand nodes
/// starting at once cost one renewal. Who asks never waits for one. What it says is what <see cref="InventoryBuilder.OfGpuNodes"/> makes of all nodes and declarations.
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

    private PoolInventory _current = PoolInventory.Empty;

    /// <summary>The pools as they were renewed last; the same object as long as they are equal.</summary>
    public PoolInventory Current => Volatile.Read(ref _current);

    /// <param name="now">Null when the node is gone, or has no GPU any more.</param>
    public void Set(string node, GpuNode? now)
    {
        lock (_gate)
        {
            Leave(node);
            if (now is not null)
                Join(node, now, InventoryBuilder.Owner(now, _selecting));
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
        }
    }

    /// <summary>Makes <see cref="Current"/> say what has been told so far. False when nothing has been told since the last time.</summary>
    public bool Renew()
    {
        lock (_gate)
        {
            if (_selectorsChanged)
                Reassign();
            if (_changed.Count == 0)
                return false;
            foreach (var name in _changed)
                Renew(name);
            _changed.Clear();
            if (!_entries.Values.SequenceEqual(_current.Entries, ReferenceEqualityComparer.Instance))
                Volatile.Write(ref _current, new PoolInventory([.. _entries.Values]));
            return true;
        }
    }

    /// <summary>A pool that is equal to what it was stays the same object, with its index and all that is remembered of it.</summary>
    private void Renew(string name)
    {
        var members = _members.GetValueOrDefault(name)?.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ToList() ?? [];
        var entry = InventoryBuilder.Entry(name, members, _declared.GetValueOrDefault(name));
        if (entry is null)
            _entries.Remove(name);
        else if (!_entries.TryGetValue(name, out var before) || !before.SaysTheSame(entry))
            _entries[name] = entry.Indexed();
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
