namespace GpuMem.Api.Nodes;

/// <summary>Which pool a node belongs to, and the label that says so: the label that pods must select to get there.</summary>
public sealed record NodePoolName(string Name, string? LabelKey, string? LabelValue, bool MayGrow)
{
    private const string KarpenterNodePool = "karpenter.sh/nodepool";

    private const string EksAutoNodePool = "eks.amazonaws.com/nodepool";

    /// <summary>
    /// Pool labels of the clouds and autoscalers, in the order to try. They are on nodes from their creation and known to autoscalers, so a
    /// pod that selects one can bring up a node; labels of GPU Feature Discovery appear only once the node runs.
    /// </summary>
    private static readonly string[] Keys =
    [
        KarpenterNodePool,
        "eks.amazonaws.com/nodegroup",
        EksAutoNodePool,
        "cloud.google.com/gke-nodepool",
        "kubernetes.azure.com/agentpool",
        "agentpool",
    ];

    public static NodePoolName Of(V1Node node)
    {
        foreach (var key in Keys)
            if (node.GetLabel(key) is { Length: > 0 } name)
                return new NodePoolName(AsName(name), key, name, MayGrow: key is KarpenterNodePool or EksAutoNodePool);
        foreach (var key in new[] { GpuNode.ProductLabel, "node.kubernetes.io/instance-type" })
            if (node.GetLabel(key) is { Length: > 0 } value)
                return new NodePoolName(AsName(value), key, value, MayGrow: false);
        return new NodePoolName("unlabelled", null, null, MayGrow: false);
    }

    /// <summary>A label as the name of an object: lower case, everything else a dash, and no part between dots that begins or ends with one.</summary>
    private static string AsName(string value) => string.Join('.', string.Concat(value.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'))
        .Split('.')
        .Select(part => part.Trim('-'))
        .Where(part => part.Length > 0));
}
