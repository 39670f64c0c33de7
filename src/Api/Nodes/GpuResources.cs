namespace GpuMem.Api.Nodes;

/// <summary>The extended resources under which GPUs are requested. Everything else (TPU, CPU, fabrics) is none of our business.</summary>
public static class GpuResources
{
    public const string Nvidia = "nvidia.com/gpu";

    /// <summary>One resource for each kind of slice where MIG layouts are mixed: <c>nvidia.com/mig-1g.10gb</c>.</summary>
    public const string MigPrefix = "nvidia.com/mig-";

    private static readonly string[] Names = [Nvidia, "nvidia.com/gpu.shared", "amd.com/gpu"];

    public static bool IsGpu(string resource) =>
        Names.Contains(resource, StringComparer.Ordinal) || resource.StartsWith(MigPrefix, StringComparison.Ordinal);

    /// <summary>The GPU resource a node offers, and how many; null when it offers none and is not labelled as having any.</summary>
    public static (string Name, long Count)? OfNode(V1Node node)
    {
        foreach (var resources in new[] { node.Status?.Allocatable, node.Status?.Capacity })
            foreach (var (name, quantity) in resources ?? new Dictionary<string, ResourceQuantity>())
                if (IsGpu(name) && quantity.Value() > 0)
                    return (name, quantity.Value());
        return node.GetLabel("nvidia.com/gpu.count") is { Length: > 0 } ? (Nvidia, 0) : null;
    }
}
