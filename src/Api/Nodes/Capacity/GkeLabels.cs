using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What Google labels the nodes of a GPU node pool with, from their creation. Its own device plugin runs there and no GPU Feature Discovery
/// (NVIDIA/k8s-device-plugin#741). All MIG slices of a node are of one profile, and offered as <c>nvidia.com/gpu</c>.
/// </summary>
internal static class GkeLabels
{
    private const string Accelerator = "cloud.google.com/gke-accelerator";

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Nvidia || node[Accelerator] is not { } name)
            return null;
        var slice = node["cloud.google.com/gke-gpu-partition-size"];
        if (!GpuCatalogue.TryFindCloudName(name, null, out var model))
            return new GpuFact { Source = MemorySource.Unknown, Product = name, Complaint = $"{Accelerator}: the memory of '{name}' is not known" };
        if (slice is not null)
            return MigSlice.Of(MemorySource.GkeLabels, model, slice, $"{model.NodeName}-MIG-{slice}");
        var clients = Sharing(node, resource) is { } sharing ? sharing.Clients ?? 1 : 1;
        return new GpuFact
        {
            Source = MemorySource.GkeLabels,
            Product = model.NodeName,
            Model = model,
            Usable = model.UsableMemory,
            Whole = node.Number("cloud.google.com/gke-accelerator-count") is > 0 and <= 1024 and var count ? (int)count * clients : null,
        };
    }

    /// <summary>How many pods may have one GPU; the memory is divided under MPS alone.</summary>
    public static GpuSharing? Sharing(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Nvidia || node["cloud.google.com/gke-gpu-sharing-strategy"] is not { } strategy)
            return null;
        return new GpuSharing(node.Number("cloud.google.com/gke-max-shared-clients-per-gpu") is > 0 and <= 1024 and var clients ? (int)clients : null, strategy == "mps");
    }
}
