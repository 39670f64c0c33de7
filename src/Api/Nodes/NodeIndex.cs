using System.Collections.Concurrent;

namespace GpuMem.Api.Nodes;

/// <summary>
/// The nodes of a pool by their labels, so that which of them a pod can get is answered without a walk over them. Nodes of a pool agree on
/// nearly everything: what they agree on decides at once. A label on which they differ (zone, host name) is filed when it is first asked for.
/// Immutable but for that.
/// </summary>
public sealed class NodeIndex
{
    /// <summary>Labels that are filed at once; a pod that asks for more is answered by looking at the nodes.</summary>
    private const int MostFiled = 16;

    private readonly IReadOnlyList<GpuNode> _nodes;

    private readonly Dictionary<string, Agreement> _labels = new(StringComparer.Ordinal);

    private readonly List<(ValueList<NodeTaint> Taints, NodeSet Nodes)> _byTaints;

    private readonly ConcurrentDictionary<string, NodesByValue> _filed = new(StringComparer.Ordinal);

    private readonly Lazy<NodesByValue> _names;

    public NodeIndex(IReadOnlyList<GpuNode> nodes)
    {
        _nodes = nodes;
        _names = new Lazy<NodesByValue>(() => NodesByValue.Of(nodes, node => node.Name));
        foreach (var (key, value) in nodes.SelectMany(node => node.Labels.Pairs))
            _labels[key] = !_labels.TryGetValue(key, out var seen) ? new Agreement(value, 1)
                : seen.Value == value ? seen with { Nodes = seen.Nodes + 1 }
                : new Agreement(null, 0);
        _byTaints = ByTaints(nodes);
    }

    public int Count => _nodes.Count;

    /// <summary>True when all nodes have the same <paramref name="value"/> of this label, or all have none: it is null then.</summary>
    public bool Agrees(string key, out string? value)
    {
        value = null;
        if (!_labels.TryGetValue(key, out var label))
            return true;
        value = label.Value;
        return label.Nodes == Count;
    }

    public NodesByValue Names => _names.Value;

    /// <summary>The nodes by the value of a label on which they differ; null when too many labels have been asked for.</summary>
    public NodesByValue? File(string key)
    {
        if (_filed.TryGetValue(key, out var filed))
            return filed;
        return _filed.Count >= MostFiled ? null : _filed.GetOrAdd(key, NodesByValue.Of(_nodes, node => node.Labels[key]));
    }

    /// <summary>The slow way, for what is not filed.</summary>
    public NodeSet Where(Func<GpuNode, bool> holds)
    {
        var found = NodeSet.None(Count);
        for (var at = 0; at < Count; at++)
            if (holds(_nodes[at]))
                found.Add(at);
        return found;
    }

    /// <summary>Whether some node among <paramref name="among"/>, null for all, has only taints that are tolerated.</summary>
    public bool AnyTolerated(NodeSet? among, Func<ValueList<NodeTaint>, bool> tolerates)
    {
        foreach (var (taints, nodes) in _byTaints)
            if ((among is null || among.Overlaps(nodes)) && tolerates(taints))
                return true;
        return false;
    }

    private static List<(ValueList<NodeTaint>, NodeSet)> ByTaints(IReadOnlyList<GpuNode> nodes)
    {
        var groups = new Dictionary<ValueList<NodeTaint>, NodeSet>();
        for (var at = 0; at < nodes.Count; at++)
        {
            // Those that never keep a pod away come and go, and must not tell nodes apart.
            var taints = new ValueList<NodeTaint>([.. nodes[at].Taints.Where(PodTolerations.Matters)]);
            if (!groups.TryGetValue(taints, out var group))
                groups[taints] = group = NodeSet.None(nodes.Count);
            group.Add(at);
        }
        return [.. groups.Select(group => (group.Key, group.Value))];
    }

    /// <param name="Value">What all of them have; null when they differ.</param>
    /// <param name="Nodes">How many have it.</param>
    private readonly record struct Agreement(string? Value, int Nodes);
}
