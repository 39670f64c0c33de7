using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What plugins that divide GPUs offer of a node's cards together: their memory, and a count that tells how many they are. Nothing else of them is known where
/// no annotation and no label names them.
/// </summary>
internal static class DividedTotals
{
    private const int MostCards = 1024;

    /// <summary>
    /// Volcano and Volcengine's mGPU count a hundred cores (percent) of a card and MiB; Tencent's GPU manager hundredths and blocks of 256 MiB
    /// (tkestack/gpu-manager, pkg/types), and its qGPU hundredths and GiB (tencentcloud.com/document/product/457/59103); Alibaba's plugin cards and GiB, or MiB where it was told so (AliyunContainerService/gpushare-device-plugin, --memory-unit).
    /// </summary>
    private static readonly Dictionary<string, Plugin> Plugins = new(StringComparer.Ordinal)
    {
        [GpuResources.Volcano] = new("volcano.sh/vgpu-memory", 1, "volcano.sh/vgpu-cores", 100),
        [GpuResources.Alibaba] = new(GpuResources.Alibaba, null, "aliyun.com/gpu-count", 1),
        [GpuResources.Tencent] = new("tencent.com/vcuda-memory", 256, GpuResources.Tencent, 100),
        [GpuResources.TencentShared] = new("tke.cloud.tencent.com/qgpu-memory", 1024, GpuResources.TencentShared, 100),
        [GpuResources.Volcengine] = new(GpuResources.Volcengine, 1, "vke.volcengine.com/mgpu-core", 100),
    };

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (!Plugins.TryGetValue(resource.Name, out var plugin))
            return null;
        var (memory, counted) = (node.Has(plugin.Memory), node.Has(plugin.Count));
        var cards = counted % plugin.PerCard == 0 ? counted / plugin.PerCard : 0;
        if (cards is not (> 0 and <= MostCards))
            return GpuFact.Doubt(MemorySource.Unknown, null, $"{plugin.Memory}: how many cards it is of is not known, and so how large each is");
        var each = memory / cards;
        var unit = plugin.UnitMiB ?? (GpuMemoryLabel.IsSizeOfGpu(each) ? 1 : 1024);
        return GpuMemoryLabel.TryReadMiB($"{each * unit}", out var reason) is { } mib
            ? new GpuFact
            {
                Source = MemorySource.DeviceRegister,
                Usable = GpuCatalogue.UsableMemory(null, mib),
                // What is less than a piece is cut off.
                Most = Estimation.Bytes.FromMiB(mib + unit - 1),
                Gpus = (int)cards,
                Complaint = $"no label and no annotation names the cards; taken from {plugin.Memory} and {plugin.Count}",
            }
            : GpuFact.Doubt(MemorySource.Unknown, null, $"{plugin.Memory}: {reason}") with { Gpus = (int)cards };
    }

    /// <param name="Memory">The resource that counts memory.</param>
    /// <param name="UnitMiB">MiB of one of it; null where that depends on how the plugin was told.</param>
    /// <param name="Count">The resource that tells how many cards there are.</param>
    /// <param name="PerCard">How many of it a card has.</param>
    private sealed record Plugin(string Memory, int? UnitMiB, string Count, int PerCard);
}
