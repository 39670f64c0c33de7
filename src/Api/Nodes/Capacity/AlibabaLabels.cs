using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What Alibaba's ACK labels GPU nodes with from their creation: <c>aliyun.accelerator/nvidia_name=NVIDIA-A10</c>, <c>nvidia_mem=23028MiB</c> and
/// <c>nvidia_count</c>, all as <c>nvidia-smi</c> says them. No GPU Feature Discovery runs there.
/// </summary>
internal static class AlibabaLabels
{
    private const string Memory = "aliyun.accelerator/nvidia_mem";

    private const string Unit = "MiB";

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Nvidia || node["aliyun.accelerator/nvidia_name"] is not { } name)
            return null;
        var text = node[Memory];
        var mib = GpuMemoryLabel.TryReadMiB(text?.EndsWith(Unit, StringComparison.Ordinal) == true ? text[..^Unit.Length] : text, out var reason);
        if (mib is { } figure && CardMemory.Disagreement($"{Memory}:", figure, name) is { } doubt)
            return GpuFact.Doubt(MemorySource.Unknown, name, doubt);
        GpuCatalogue.TryFind(name, out var model);
        return new GpuFact
        {
            Source = mib is not null ? MemorySource.AlibabaLabels : model is not null ? MemorySource.Catalogue : MemorySource.Unknown,
            Product = name,
            Model = model,
            Usable = mib is { } labelled ? GpuCatalogue.UsableMemory(name, labelled) : model?.UsableMemory,
            Whole = node.Number("aliyun.accelerator/nvidia_count") is > 0 and <= 1024 and var count ? (int)count : null,
            Complaint = mib is null ? $"{Memory}: {reason}" : null,
        };
    }
}
