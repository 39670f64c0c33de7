namespace GpuMem.Api.Nodes.Capacity;

/// <summary>An accelerator whose memory nobody here knows: its node is shown all the same, with what it calls it.</summary>
internal static class OtherAccelerator
{
    /// <summary>Labels that name what the resource does not: Google's and Karpenter's.</summary>
    private static readonly string[] Names = ["cloud.google.com/gke-tpu-accelerator", "karpenter.k8s.aws/instance-accelerator-name", "eks.amazonaws.com/instance-accelerator-name"];

    private static readonly string[] Endings = [".product", ".product.name", ".product-name", ".model", ".name"];

    public static GpuFact Read(NodeStatement node, string resource) => GpuFact.Doubt(
        MemorySource.Unknown,
        Array.Find(Names, key => node[key] is not null) is { } known ? node[known] : Labelled(node, resource[..(resource.IndexOf('/') + 1)]) ?? resource[(resource.IndexOf('/') + 1)..],
        $"the memory of {resource} is not known, and no pod is held against it; declare spec.memoryPerGPU in a GpuPool to have that");

    /// <summary>What a label of the same maker says, as <c>metax-tech.com/gpu.product</c>.</summary>
    private static string? Labelled(NodeStatement node, string domain) => node.Under(domain)
        .Where(label => label.Value.Length > 0 && Array.Exists(Endings, ending => label.Key.EndsWith(ending, StringComparison.Ordinal)))
        .OrderBy(label => label.Key, StringComparer.Ordinal)
        .Select(label => label.Value)
        .FirstOrDefault();
}
