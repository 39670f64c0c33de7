using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// The GPUs that Koordinator counts for itself, without a device plugin: a hundred of <c>koordinator.sh/gpu-core</c> for each card, the memory of all together in bytes,
/// and labels <c>node.koordinator.sh/gpu-model=NVIDIA-H20</c> and <c>gpu-vendor</c>. Pods get them by <c>koordinator.sh/gpu</c> and by <c>nvidia.com/gpu</c>
/// (koordinator-sh/koordinator, docs, "Device Scheduling - GPU").
/// </summary>
internal static class KoordinatorNode
{
    private const int PerCard = 100;

    private const int MostCards = 1024;

    private const string Model = "node.koordinator.sh/gpu-model";

    private const string Vendor = "node.koordinator.sh/gpu-vendor";

    /// <summary>Cards of NVIDIA; null where it counts none, those of another maker, or something else offers them.</summary>
    public static int? Cards(NodeStatement node)
    {
        var hundredths = Math.Max(node.Has("koordinator.sh/gpu-core"), node.Has("koordinator.sh/gpu"));
        return node.Has(GpuResources.Nvidia) == 0 && (node[Vendor] ?? "nvidia").Equals("nvidia", StringComparison.OrdinalIgnoreCase) && hundredths % PerCard == 0 && hundredths / PerCard is > 0 and <= MostCards and var cards
            ? (int)cards
            : null;
    }

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (resource.Name != GpuResources.Nvidia || Cards(node) is not { } cards)
            return null;
        const string memory = "koordinator.sh/gpu-memory";
        var name = node[Model];
        var mib = GpuMemoryLabel.TryReadMiB($"{node.Has(memory) / cards / Bytes.PerMiB}", out var reason);
        if (mib is { } figure && CardMemory.Disagreement($"{memory}:", figure, name) is { } doubt)
            return GpuFact.Doubt(MemorySource.Unknown, name, doubt) with { Gpus = cards };
        GpuCatalogue.TryFind(name ?? "", out var model);
        return new GpuFact
        {
            Source = mib is not null ? MemorySource.DeviceRegister : model is not null ? MemorySource.Catalogue : MemorySource.Unknown,
            Product = name,
            Model = model,
            Usable = mib is { } each ? GpuCatalogue.UsableMemory(name, each) : model?.UsableMemory,
            // Of a card that nobody measured it may be all that is counted.
            Most = mib is { } counted && model is not { IsMeasured: true } ? Bytes.FromMiB(counted) : null,
            Gpus = cards,
            Complaint = mib is null ? $"{memory}: {reason}" : null,
        };
    }
}
