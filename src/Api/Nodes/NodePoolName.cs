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
        "k8s.scaleway.com/pool-name",
        "doks.digitalocean.com/node-pool",
        "vke.vultr.com/node-pool",
        "lke.linode.com/pool-id",
        "kubernetes.civo.com/civo-node-pool",
        "ibm-cloud.kubernetes.io/worker-pool-name",
        "alibabacloud.com/nodepool-id",
        "tke.cloud.tencent.com/nodepool-id",
        "compute.coreweave.com/node-pool",
        "nebius.com/node-group-id",
    ];

    /// <summary>Where nothing on a node says what it is.</summary>
    public static NodePoolName None { get; } = new("unlabelled", null, null, MayGrow: false);

    /// <summary>Labels that tell nodes of one kind from others where no cloud and no autoscaler does.</summary>
    private static readonly string[] KindKeys =
        [GpuNode.ProductLabel, "amd.com/gpu.product-name", "beta.amd.com/gpu.product-name", "habana.ai/product.name", "gpu.intel.com/product", "node.kubernetes.io/instance-type"];

    public static NodePoolName Of(V1Node node)
    {
        foreach (var key in Keys)
            if (node.GetLabel(key) is { } name && AsName(name) is { Length: > 0 } objectName)
                return new NodePoolName(objectName, key, name, MayGrow: key is KarpenterNodePool or EksAutoNodePool);
        foreach (var key in KindKeys)
            if (node.GetLabel(key) is { } value && AsName(value) is { Length: > 0 } objectName)
                return new NodePoolName(objectName, key, value, MayGrow: false);
        return None;
    }

    /// <summary>The label says what a node is, not which pool it is in.</summary>
    internal static bool IsKind(string key) => KindKeys.Contains(key, StringComparer.Ordinal);

    /// <summary>A label as the name of an object: lower case, everything else a dash, and no part between dots that begins or ends with one.</summary>
    internal static string AsName(string value) => string.Join('.', string.Concat(value.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-'))
        .Split('.')
        .Select(part => part.Trim('-'))
        .Where(part => part.Length > 0));
}
