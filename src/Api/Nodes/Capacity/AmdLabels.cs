using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What AMD's node labeller writes (ROCm/k8s-device-plugin, cmd/k8s-node-labeller): <c>amd.com/gpu.vram=192G</c> in GiB, rounded; before that
/// <c>beta.amd.com/gpu.vram=192G</c>; before that <c>beta.amd.com/gpu.vram.192G=8</c>, the size in the key and a count in the value. A GPU can be
/// partitioned: what a partition has is its part of the card, under any memory mode (Linux, amdgpu_amdkfd_xcp_memory_size).
/// </summary>
internal static class AmdLabels
{
    private const long MiBPerGiB = 1024;

    /// <summary>
    /// What those in a processor are called (<c>AMD_Radeon_8060S_Graphics</c>, libdrm's amdgpu.ids). What firmware sets aside for one is little, 512M or 1G, and a
    /// process gets of all that the kernel maps for it (Linux, amdgpu_amdkfd_gpuvm.c: GTT where that is larger).
    /// </summary>
    private const string Integrated = "_Graphics";

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Amd)
            return null;
        if (Values(node, "vram") is { Count: > 1 } sizes)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"amd.com/gpu.vram: two kinds of GPU in one node, {string.Join(" and ", sizes.Order(StringComparer.Ordinal))}");
        if (Values(node, "product-name") is { Count: > 1 } products)
            return GpuFact.Doubt(MemorySource.Unknown, null, $"amd.com/gpu.product-name: two kinds of GPU in one node, {string.Join(" and ", products.Order(StringComparer.Ordinal))}");
        var product = Values(node, "product-name").FirstOrDefault();
        var device = Values(node, "device-id") is [var id] ? $"1002:{id}" : null;
        var vram = Values(node, "vram").FirstOrDefault();
        if (product is null && device is null && vram is null)
            return null;
        // Drivers, tools and people call one card by several names, and its device id is one.
        if (!GpuCatalogue.TryFind(product ?? "", out var model) && !GpuCatalogue.TryFind(device ?? "", out model))
            _ = product is not null && GpuCatalogue.TryFindCloudName(product, null, out model);
        if (model is null && product?.EndsWith(Integrated, StringComparison.Ordinal) == true)
            return GpuFact.Doubt(MemorySource.Unknown, product, $"amd.com/gpu.vram: {product} is a part of the processor and allocates of the node's memory beyond its own");
        var partition = resource.AmdPartition ?? Values(node, "compute-memory-partition").FirstOrDefault() ?? node["amd.com/compute-memory-partition"];
        var name = product ?? model?.Name;
        if (Parts(partition, model) is not { } parts)
            return GpuFact.Doubt(MemorySource.Unknown, name, $"amd.com/gpu.compute-memory-partition: '{partition}' is no partition that is known");
        var mib = vram is null ? null : MiB(vram);
        if (model is not null && mib > Math.Max(model.LabelMemoryMiB ?? 0, model.NominalGB * MiBPerGiB) * 9 / 8)
            return GpuFact.Doubt(MemorySource.Unknown, name, $"amd.com/gpu.vram: {vram}, and {model.Name} has less: neither is relied on");
        var reason = mib is null ? $"amd.com/gpu.vram: {(vram is null ? "the label is missing" : $"'{Shown(vram)}' is no size of a GPU")}" : null;
        return Sized(model, mib, parts) is var (usable, most)
            ? new GpuFact
            {
                Source = mib is null ? MemorySource.Catalogue : MemorySource.AmdLabels,
                Product = Named(name, partition, parts),
                Model = model,
                Usable = usable,
                Most = most,
                Complaint = reason is null ? null : $"{reason}; taken from the catalogue for {model!.Name}",
            }
            : new GpuFact { Source = MemorySource.Unknown, Product = name, Complaint = reason };
    }

    private static (Bytes Usable, Bytes Most)? Sized(GpuModel? model, long? mib, int parts)
    {
        var card = model is null ? (Bytes?)null : new Bytes(model.UsableMemory.Value / parts);
        if (mib is not { } label)
            return card is { } known ? (known, known) : null;
        // Of a partitioned GPU the labeller gives the partition's share, or the card's: only where the card is known can it be told which.
        var whole = model is null || label > card!.Value.Value / Bytes.PerMiB * 5 / 4 ? label / parts : label;
        var most = Bytes.FromMiB((model is null ? label : whole) + (MiBPerGiB / 2));
        if (card is not { } part)
            return (GpuCatalogue.UsableMemory(null, whole), most);
        var usual = part.Value / Bytes.PerMiB;
        // The label is rounded. What it says in agreement with the catalogue, the catalogue says exactly; a little less is what is left of a virtual GPU.
        var least = whole + (MiBPerGiB / 2) >= usual ? part : whole * 100 >= usual * 97 ? Bytes.FromMiB(whole - (MiBPerGiB / 2)) : GpuCatalogue.UsableMemory(null, whole);
        // A processor that has its memory together with its GPUs gives them more where it is told to.
        return (Bytes.Min(part, least), whole * 20 > usual * 21 ? most : Bytes.Min(part, most));
    }

    /// <summary>Into how many a GPU is cut: <c>spx</c> is all of it, <c>cpx</c> each compute die alone.</summary>
    public static int? Parts(string? partition, GpuModel? model) => partition?.Split('_')[0].ToLowerInvariant() switch
    {
        null or "" or "spx" => 1,
        "dpx" => 2,
        "tpx" => 3,
        "qpx" => 4,
        "cpx" => model?.Name.Contains("MI300A", StringComparison.Ordinal) == true ? 6 : 8,
        _ => null,
    };

    /// <summary>What the label says in each of its forms; several values are several kinds of GPU.</summary>
    private static List<string> Values(NodeStatement node, string property) =>
        node[$"amd.com/gpu.{property}"] is { } value ? [value]
        : node[$"beta.amd.com/gpu.{property}"] is { } beta ? [beta]
        : Counted(node, $"amd.com/gpu.{property}.") is { Count: > 0 } counted ? counted
        : Counted(node, $"beta.amd.com/gpu.{property}.");

    /// <summary>Where the value is in the key, as the labeller has it still on a node with several kinds (main.go, createLabels).</summary>
    private static List<string> Counted(NodeStatement node, string prefix) =>
        [.. node.Under(prefix).Where(label => NodeStatement.Number(label.Value, out var count) && count > 0).Select(label => label.Key)];

    /// <summary><c>192G</c> and <c>8GB</c> are GiB; a bare number is MiB. Null for what no GPU has.</summary>
    private static long? MiB(string text)
    {
        var digits = text.TrimEnd('B', 'b', 'i');
        var isGiB = digits.EndsWith('G') || digits.EndsWith('g');
        if (!NodeStatement.Number(isGiB ? digits[..^1] : text, out var number) || (isGiB && number > 16 * MiBPerGiB))
            return null;
        return isGiB ? number > 0 ? number * MiBPerGiB : null : GpuMemoryLabel.TryReadMiB(text, out _);
    }

    private static string? Named(string? product, string? partition, int parts) => product is null || parts == 1 ? product : $"{product} {partition}";

    private static string Shown(string value) => value.Length <= 40 ? value : value[..40] + "…";
}
