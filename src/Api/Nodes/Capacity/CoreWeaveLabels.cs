using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What CoreWeave labels its nodes with: <c>gpu.nvidia.com/model=H100_NVLINK_80GB</c>, before that <c>class</c>, and <c>vram=81</c>, documented as
/// gigabytes: the thousands of MiB that the device reports (81559, 143771). Read as GiB it would be more than there is.
/// </summary>
internal static class CoreWeaveLabels
{
    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        var name = node["gpu.nvidia.com/model"] ?? node["gpu.nvidia.com/class"];
        if (resource.Vendor != GpuVendor.Nvidia || name is null)
            return null;
        var nominal = node.Number("gpu.nvidia.com/vram") is > 0 and <= 16384 and var thousands ? thousands * 1000 : (long?)null;
        if (nominal is { } said && CardMemory.DisagreementOfName("gpu.nvidia.com/vram:", said, name, mayBePart: false) is { } doubt)
            return GpuFact.Doubt(MemorySource.Unknown, name, doubt);
        GpuCatalogue.TryFindCloudName(name, nominal, out var model);
        return new GpuFact
        {
            Source = nominal is null && model is null ? MemorySource.Unknown : MemorySource.CoreWeaveLabels,
            Product = model?.NodeName ?? name,
            Model = model,
            // The last thousand is cut off, so of a card that is known the label alone would give less than there is.
            Usable = nominal is not { } mib ? model?.UsableMemory : model is null ? GpuCatalogue.UsableMemory(null, mib) : Bytes.Min(model.UsableMemory, Bytes.FromMiB(mib + 1000)),
            Most = nominal is not { } thousand ? null : model is null ? Bytes.FromMiB(thousand + 1000) : model.UsableMemory,
            Whole = node.Number("gpu.nvidia.com/count") is > 0 and <= 1024 and var count ? (int)count : null,
            Complaint = nominal is null && model is null ? $"gpu.nvidia.com/vram is missing, and the memory of '{name}' is not known" : null,
        };
    }
}
