namespace GpuMem.Api.Nodes;

/// <summary>The nodes of a pool by the value of one label. Values that are unique, host names, cost four bytes each beside their entry.</summary>
public sealed class NodesByValue
{
    private readonly Dictionary<string, int[]> _nodes;

    private NodesByValue(int count, Dictionary<string, int[]> nodes, int[] without) => (Count, _nodes, Without) = (count, nodes, without);

    private int Count { get; }

    /// <summary>Nodes that do not have the label.</summary>
    private int[] Without { get; }

    public static NodesByValue Of(IReadOnlyList<GpuNode> nodes, Func<GpuNode, string?> valueOf)
    {
        var (lists, without) = (new Dictionary<string, List<int>>(StringComparer.Ordinal), new List<int>());
        for (var at = 0; at < nodes.Count; at++)
        {
            var list = without;
            if (valueOf(nodes[at]) is { } value && !lists.TryGetValue(value, out list))
                lists[value] = list = [];
            list.Add(at);
        }
        return new NodesByValue(nodes.Count, lists.ToDictionary(list => list.Key, list => list.Value.ToArray(), StringComparer.Ordinal), [.. without]);
    }

    public bool Has(string value) => _nodes.ContainsKey(value);

    /// <summary>Nodes with this value; null stands for no label.</summary>
    public NodeSet With(string? value) => Of(value is null ? Without : _nodes.GetValueOrDefault(value) ?? []);

    /// <summary>Nodes for which a requirement of node affinity holds.</summary>
    public NodeSet For(V1NodeSelectorRequirement requirement)
    {
        switch (requirement.OperatorProperty)
        {
            case "In" or "NotIn":
                var isIn = NodeSet.None(Count);
                foreach (var value in requirement.Values ?? [])
                    if (value is not null)
                        Each(_nodes.GetValueOrDefault(value) ?? [], isIn.Add);
                return requirement.OperatorProperty == "In" ? isIn : AllBut(isIn);
            case "Exists":
                return AllBut(Of(Without));
            case "DoesNotExist":
                return Of(Without);
            default:
                var found = NodeSet.None(Count);
                foreach (var (value, nodes) in _nodes)
                    if (NodeAffinity.Holds(requirement, value))
                        Each(nodes, found.Add);
                if (NodeAffinity.Holds(requirement, null))
                    Each(Without, found.Add);
                return found;
        }
    }

    private NodeSet Of(int[] nodes)
    {
        var set = NodeSet.None(Count);
        Each(nodes, set.Add);
        return set;
    }

    private NodeSet AllBut(NodeSet some)
    {
        var all = NodeSet.All(Count);
        all.ExceptWith(some);
        return all;
    }

    private static void Each(int[] nodes, Action<int> act)
    {
        foreach (var node in nodes)
            act(node);
    }
}
