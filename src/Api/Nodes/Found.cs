namespace GpuMem.Api.Nodes;

/// <summary>Which nodes of a pool meet a condition: all and none need no set.</summary>
/// <param name="Nodes">Some of them, a set of the holder's own; null for all or none.</param>
/// <param name="IsNone">None of them.</param>
internal readonly record struct Found(NodeSet? Nodes, bool IsNone)
{
    public static Found All => default;

    public static Found None => new(null, true);

    public static Found Some(NodeSet nodes) => new(nodes, false);

    public static Found Of(bool all) => all ? All : None;

    public Found And(Found other)
    {
        if (IsNone || other.IsNone)
            return None;
        if (Nodes is null || other.Nodes is null)
            return Nodes is null ? other : this;
        Nodes.IntersectWith(other.Nodes);
        return this;
    }

    public Found Or(Found other)
    {
        if (IsNone)
            return other;
        if (other.IsNone)
            return this;
        if (Nodes is null || other.Nodes is null)
            return All;
        Nodes.UnionWith(other.Nodes);
        return this;
    }
}
