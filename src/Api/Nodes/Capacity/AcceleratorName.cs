using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// Labels that only name the accelerator: a hint of EKS to the Cluster Autoscaler, Karpenter on Azure, DigitalOcean, SkyPilot. An A100 has 40 or 80 GB, so such a
/// name is not always an answer.
/// </summary>
internal static class AcceleratorName
{
    private static readonly string[] Keys = ["karpenter.azure.com/sku-gpu-name", "k8s.amazonaws.com/accelerator", "doks.digitalocean.com/gpu-model", "skypilot.co/accelerator"];

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        foreach (var key in Keys)
            if (node[key] is { } name)
                return GpuCatalogue.TryFindCloudName(name, null, out var model) && model.Vendor == resource.Vendor
                    ? new GpuFact
                    {
                        Source = MemorySource.AcceleratorName,
                        Product = model.NodeName,
                        Model = model,
                        Usable = model.UsableMemory,
                        Whole = node.Number("karpenter.azure.com/sku-gpu-count") is > 0 and <= 1024 and var count ? (int)count : null,
                    }
                    : new GpuFact { Source = MemorySource.Unknown, Product = name, Complaint = $"{key}: '{name}' does not tell the memory of a GPU" };
        return null;
    }
}
