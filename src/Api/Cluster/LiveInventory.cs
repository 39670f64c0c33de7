using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Slices;

namespace GpuMem.Api.Cluster;

/// <summary>
/// The pools of a cluster while its nodes change: a change costs the pool it is in, and nothing until <see cref="Renew()"/>, so that a thousand nodes
/// starting at once cost one renewal. Who asks never waits for one. What it says is what <see cref="InventoryBuilder.OfGpuNodes"/> makes of all nodes and declarations.
/// </summary>
public sealed class LiveInventory
{
    private readonly Lock _gate = new();

    /// <summary>What each node says of each of its resources.</summary>
    private readonly Dictionary<string, ValueList<GpuNode>> _said = new(StringComparer.Ordinal);

    /// <summary>What drivers offer on nodes by claims.</summary>
    private readonly Dictionary<string, IReadOnlyList<SliceGpus>> _claimed = new(StringComparer.Ordinal);

    /// <summary>Both together of each node, and in whose pools that is.</summary>
    private readonly Dictionary<string, (ValueList<GpuNode> Node, string[] Owners)> _nodes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<(string Node, string Kind), GpuNode>> _members = new(StringComparer.Ordinal);

    private readonly SortedDictionary<string, GpuPool> _declared = new(StringComparer.Ordinal);

    /// <summary>The pools of nodes that belong together: one for each resource.</summary>
    private readonly SortedDictionary<string, PoolEntry[]> _entries = new(StringComparer.Ordinal);

    /// <summary>By the name of a pool, whose nodes it is made of, where that is not its own.</summary>
    private readonly Dictionary<string, string> _ownerOf = new(StringComparer.Ordinal);

    /// <summary>Owners whose pools are to be looked at again.</summary>
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);

    /// <summary>Those that select nodes, in the order in which they claim them.</summary>
    private List<GpuPool> _selecting = [];

    private bool _selectorsChanged;

    private DeviceClaims _asked = DeviceClaims.None;

    private PoolInventory _current = PoolInventory.Empty;

    /// <summary>The pools as they were renewed last; the same object as long as they are equal.</summary>
    public PoolInventory Current => Volatile.Read(ref _current);

    /// <param name="now">Null when the node is gone, or has no GPU any more.</param>
    public void Set(string node, ValueList<GpuNode>? now)
    {
        lock (_gate)
        {
            if (now is null)
                _said.Remove(node);
            else
                _said[node] = now;
            Rejoin(node);
        }
    }

    /// <param name="now">What drivers offer there; empty when nothing any more.</param>
    public void Claim(string node, IReadOnlyList<SliceGpus> now)
    {
        lock (_gate)
        {
            if (now.Count == 0)
                _claimed.Remove(node);
            else
                _claimed[node] = now;
            Rejoin(node);
        }
    }

    /// <summary>What claims ask for has changed.</summary>
    public void Ask(DeviceClaims now)
    {
        lock (_gate)
            _asked = now;
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
            if (_ownerOf.TryGetValue(pool, out var owner))
                _changed.Add(owner);
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
            if (_changed.Count == 0 && ReferenceEquals(_asked, _current.Claims))
                return false;
            foreach (var name in _changed)
                Renew(name);
            _changed.Clear();
            var renewed = InventoryBuilder.Inventory(_entries.Values.SelectMany(entries => entries), _asked);
            if (!ReferenceEquals(_asked, _current.Claims) || !renewed.Entries.SequenceEqual(_current.Entries, ReferenceEqualityComparer.Instance))
                Volatile.Write(ref _current, renewed);
            return true;
        }
    }

    /// <summary>A pool that is equal to what it was stays the same object, with its index and all that is remembered of it.</summary>
    private void Renew(string owner)
    {
        var members = _members.GetValueOrDefault(owner)?.Values.OrderBy(node => node.Name, StringComparer.Ordinal).ToList() ?? [];
        _entries.TryGetValue(owner, out var before);
        _entries.Remove(owner);
        foreach (var entry in before ?? [])
            if (_ownerOf.GetValueOrDefault(entry.Pool.Name) == owner)
                _ownerOf.Remove(entry.Pool.Name);
        PoolEntry[] now = [.. InventoryBuilder.Entries(owner, members, _declared.GetValueOrDefault)
            .Select(entry => Array.Find(before ?? [], old => old.Pool.Name == entry.Pool.Name && old.SaysTheSame(entry)) ?? entry.Indexed())];
        if (now.Length == 0)
            return;
        _entries[owner] = now;
        foreach (var entry in now)
            if (entry.Pool.Name != owner)
                _ownerOf[entry.Pool.Name] = owner;
    }

    private void Rejoin(string name)
    {
        Leave(name);
        var said = _said.GetValueOrDefault(name);
        if (GpuNodeReader.Merge(name, said, _claimed.GetValueOrDefault(name) ?? []) is { Count: > 0 } node)
            Join(name, node, Owners(node));
    }

    private string[] Owners(ValueList<GpuNode> node) => [.. node.Select(gpus => InventoryBuilder.Owner(gpus, node, _selecting))];

    /// <summary>A selector has come, gone or changed: any node may have another owner now.</summary>
    private void Reassign()
    {
        _selecting = [.. _declared.Values.Where(InventoryBuilder.Selects)];
        foreach (var (name, (node, before)) in _nodes.ToList())
        {
            var owners = Owners(node);
            if (owners.AsSpan().SequenceEqual(before))
                continue;
            Leave(name);
            Join(name, node, owners);
        }
        _selectorsChanged = false;
    }

    private void Join(string name, ValueList<GpuNode> node, string[] owners)
    {
        for (var at = 0; at < node.Count; at++)
        {
            if (!_members.TryGetValue(owners[at], out var members))
                _members[owners[at]] = members = [];
            members[(name, node[at].Kind)] = node[at];
            _changed.Add(owners[at]);
        }
        _nodes[name] = (node, owners);
    }

    private void Leave(string name)
    {
        if (!_nodes.Remove(name, out var known))
            return;
        for (var at = 0; at < known.Node.Count; at++)
        {
            var members = _members[known.Owners[at]];
            members.Remove((name, known.Node[at].Kind));
            if (members.Count == 0)
                _members.Remove(known.Owners[at]);
            _changed.Add(known.Owners[at]);
        }
    }
}
