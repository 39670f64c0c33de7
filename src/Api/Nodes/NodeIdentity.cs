namespace GpuMem.Api.Nodes;

/// <summary>What decides which pods can get to a node, whatever GPUs it has.</summary>
public sealed record NodeIdentity(LabelSet Labels, ValueList<NodeTaint> Taints, NodePoolName Pool)
{
    /// <summary>Of a node that is not known itself: any pod may get there.</summary>
    public static NodeIdentity Unknown { get; } = new(new LabelSet(null), new ValueList<NodeTaint>([]), NodePoolName.None);

    public static NodeIdentity Of(V1Node node) => new(
        new LabelSet(node.Labels()),
        new ValueList<NodeTaint>([.. (node.Spec?.Taints ?? []).Where(taint => taint is not null).Select(taint => new NodeTaint(taint.Key, taint.Value, taint.Effect))]),
        NodePoolName.Of(node));
}
