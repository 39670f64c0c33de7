using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Gpus;

/// <summary>The accelerators whose memory is built in, with the names that nodes, drivers and people give them.</summary>
public static class GpuCatalogue
{
    private const string SharedSuffix = "-SHARED";
    private const string MigMarker = "-MIG-";
    private const int MaxNameLength = 200;

    private static readonly Lazy<GpuCatalogueContents> Contents = new(GpuCatalogueContents.Load);

    public static IReadOnlyList<GpuModel> All => Contents.Value.Gpus;

    /// <summary>By product label, name, alias or short form (<c>h100-80gb</c>), without regard to case, blanks and dashes.</summary>
    /// <remarks>
    /// <c>-SHARED</c> (time-slicing) is ignored: memory is not divided. <c>-MIG-1g.10gb</c> gives that slice, without NVLink.
    /// A short form that several cards share (<c>a100</c>) gives the first in the catalogue, the smallest memory on NVLink boards.
    /// </remarks>
    public static bool TryFind(string product, [NotNullWhen(true)] out GpuModel? gpu)
    {
        gpu = null;
        if (string.IsNullOrWhiteSpace(product) || product.Length > MaxNameLength)
            return false;
        if (product.EndsWith(SharedSuffix, StringComparison.OrdinalIgnoreCase))
            product = product[..^SharedSuffix.Length];

        var mig = product.IndexOf(MigMarker, StringComparison.OrdinalIgnoreCase);
        if (mig >= 0)
            return TryFind(product[..mig], out var whole) && TrySlice(whole, product[(mig + MigMarker.Length)..], out gpu);
        if (!Contents.Value.TryFind(NameTokens.Of(product), out gpu))
            return false;

        // One entry may stand for an SXM board and a PCIe card; only pairs of the latter are bridged.
        if (gpu.NvLinkDomain > 2 && product.Contains("PCIe", StringComparison.OrdinalIgnoreCase))
            gpu = gpu with { NvLinkDomain = 2 };
        return true;
    }

    /// <summary>
    /// Memory that a process can allocate on a GPU whose node label says <paramref name="labelMemoryMiB"/>: the catalogue's CUDA-visible figure
    /// when the product is known and the label agrees with it, else the least seen: 98.3 % of the label, and of a whole card at least 512 MiB less.
    /// Without a label (0) the catalogue's figure, or zero for an unknown product.
    /// </summary>
    public static Bytes UsableMemory(string? product, long labelMemoryMiB)
    {
        var gpu = product is not null && TryFind(product, out var found) ? found : null;
        if (labelMemoryMiB <= 0)
            return gpu?.UsableMemory ?? Bytes.Zero;
        return gpu is { MemoryIsKnown: true, LabelMemoryMiB: { } usual } && Agree(labelMemoryMiB, usual)
            ? Bytes.Min(gpu.UsableMemory, Bytes.FromMiB(labelMemoryMiB))
            : IsSlice(product) ? UsableShare.OfSlice(labelMemoryMiB) : UsableShare.OfCard(labelMemoryMiB);
    }

    private static bool IsSlice(string? product) => product?.Contains(MigMarker, StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>Labels of one card differ a little between drivers; a card of another size differs more.</summary>
    private static bool Agree(long label, long usual) => label <= 2 * usual && Math.Abs(label - usual) * 50 <= usual;

    private static bool TrySlice(GpuModel whole, string profileName, [NotNullWhen(true)] out GpuModel? slice)
    {
        var profile = whole.MigProfiles.FirstOrDefault(profile => string.Equals(profile.Name, profileName, StringComparison.OrdinalIgnoreCase));
        slice = profile is null ? null : whole with
        {
            Name = $"{whole.Name} MIG {profile.Name}",
            Aliases = [],
            LabelMemoryMiB = profile.MemoryMiB,
            UsableMemory = UsableShare.OfSlice(profile.MemoryMiB),
            MemoryIsKnown = true,
            NvLinkDomain = 1,
            Bf16Teraflops = null,
            Fp16Teraflops = null,
            Fp8Teraflops = null,
            BandwidthGBs = null,
            LinkGBs = null,
            MigProfiles = [],
        };
        return slice is not null;
    }
}
