using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What Intel's GPU plugin has Node Feature Discovery write: <c>gpu.intel.com/memory.max</c>, the bytes of all GPUs of a node together
/// (intel/intel-device-plugins-for-kubernetes, cmd/gpu_nfdhook). Gaudi has a product name and nothing of its memory.
/// </summary>
internal static class IntelLabels
{
    private static readonly char[] Letters = [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZ"];

    public static GpuFact? Read(NodeStatement node, GpuResource resource) => resource.Vendor switch
    {
        GpuVendor.Habana => Gaudi(node),
        GpuVendor.Intel => Gpu(node),
        _ => null,
    };

    private static GpuFact? Gaudi(NodeStatement node)
    {
        if (node["habana.ai/product.name"] is not { } product)
            return null;
        // Boards of one card differ in the letter behind it: HL-225B, HL-225H.
        return GpuCatalogue.TryFind(product, out var model) || GpuCatalogue.TryFind(product.TrimEnd(Letters), out model)
            ? new GpuFact { Source = MemorySource.IntelLabels, Product = product, Model = model, Usable = model.UsableMemory }
            : new GpuFact { Source = MemorySource.Unknown, Product = product, Complaint = $"habana.ai/product.name: the memory of '{product}' is not known" };
    }

    private static GpuFact? Gpu(NodeStatement node)
    {
        var product = node["gpu.intel.com/product"];
        if (!GpuCatalogue.TryFind(product ?? "", out var model) && product is not null && GpuCatalogue.TryFindCloudName(product, null, out var named) && named.Vendor == GpuVendor.Intel)
            model = named;
        var gpus = Gpus(node);
        var bytes = node.Number("gpu.intel.com/memory.max");
        if (product is null && gpus is null && bytes is null)
            return null;
        var each = gpus is > 0 and var count && bytes is { } sum ? GpuMemoryLabel.TryReadMiB((sum / count).ToString(System.Globalization.CultureInfo.InvariantCulture), out _) : null;
        Bytes? usable = each is { } mib ? model is null ? GpuCatalogue.UsableMemory(null, mib) : Bytes.Min(GpuCatalogue.UsableMemory(null, mib), model.UsableMemory) : model?.UsableMemory;
        return new GpuFact
        {
            Source = each is not null ? MemorySource.IntelLabels : model is not null ? MemorySource.Catalogue : MemorySource.Unknown,
            Product = product,
            Model = model,
            Usable = usable,
            Most = each is { } most ? Bytes.FromMiB(most) : null,
            Whole = (int?)gpus,
            Complaint = usable is null ? "gpu.intel.com/memory.max: the memory of the node's GPUs, or how many they are, is not labelled" : null,
        };
    }

    /// <summary>The node's GPUs, not the pods that may share them.</summary>
    private static long? Gpus(NodeStatement node)
    {
        if (node.Number("gpu.intel.com/millicores") is { } thousandths)
            return thousandths / 1000;
        if (node["gpu.intel.com/gpu-numbers"] is { } numbers)
            return numbers.Split('.').Length;
        List<long> counts = [.. node.Under("gpu.intel.com/device-id.")
            .Where(label => label.Key.EndsWith(".count", StringComparison.Ordinal))
            .Select(label => NodeStatement.Number(label.Value, out var count) ? Math.Min(count, 1024) : 0)];
        return counts.Count > 0 ? counts.Sum() : null;
    }
}
