using GpuMem.Api.Nodes;

namespace GpuMem.Api.Pods;

/// <summary>
/// Parts of cards that Tencent's plugins give by two resources: hundredths of a card's cores, and pieces of its memory. Its GPU manager counts pieces of 256 MiB
/// (tkestack/gpu-manager, pkg/types), its qGPU GiB (tencentcloud.com/document/product/457/59103).
/// </summary>
internal static class DividedCards
{
    private const int CoresOfCard = 100;

    /// <summary>No card has as many MiB, nor as many pieces of anything larger.</summary>
    private const long MostPieces = 1L << 22;

    private static readonly Plugin[] Plugins =
    [
        new(GpuResources.Tencent, "tencent.com/vcuda-memory", 256),
        new(GpuResources.TencentShared, "tke.cloud.tencent.com/qgpu-memory", 1024),
    ];

    /// <summary>The resource tells which part of a card is asked for.</summary>
    public static bool IsPart(string resource) => Array.Exists(Plugins, plugin => resource == plugin.Cores || resource == plugin.Memory);

    /// <summary>Null for a pod that asks for no such part.</summary>
    public static GpuShare? Of(V1PodSpec? pod)
    {
        foreach (var plugin in Plugins)
        {
            var (cores, memory) = (GpuShare.Most(pod, plugin.Cores), GpuShare.Most(pod, plugin.Memory));
            if (cores is null && memory is null)
                continue;
            // Nothing says what memory means to who asks for several cards: these are whole.
            return cores > CoresOfCard
                ? new GpuShare(plugin.Cores, (int)Math.Min(cores.Value / CoresOfCard, 1024), null, null)
                : new GpuShare(plugin.Cores, 1, memory <= MostPieces && cores != CoresOfCard ? memory * plugin.UnitMiB : null, null);
        }

        return null;
    }

    /// <param name="Cores">What counts hundredths, by which nodes offer such cards.</param>
    /// <param name="Memory">What counts memory.</param>
    /// <param name="UnitMiB">MiB of one of it.</param>
    private sealed record Plugin(string Cores, string Memory, int UnitMiB);
}
