using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Catalogues.Gpus;

/// <summary>The accelerators whose memory is built in, with the names that nodes, drivers and people give them.</summary>
public static class GpuCatalogue
{
    private const string SharedSuffix = "-SHARED";
    private const string MigMarker = "-MIG-";
    private const int MaxNameLength = 200;

    /// <summary>Into more compute slices no GPU is cut.</summary>
    private const char MostSlices = '7';

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
    /// By a name that says less than a product label does, as clouds and autoscalers use it: <c>l4</c>, <c>A100</c>, <c>nvidia-h100-80gb</c>. Not
    /// found where it could be cards of different sizes, unless <paramref name="nominalMiB"/> tells them apart.
    /// </summary>
    /// <param name="nominalMiB">The size that stands beside the name: what is sold, near to what the device reports; null when none does.</param>
    public static bool TryFindCloudName(string name, long? nominalMiB, [NotNullWhen(true)] out GpuModel? gpu)
    {
        gpu = null;
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
            return false;
        List<GpuModel> like = [.. Contents.Value.Like(name)];
        if (like.Count == 0)
            return TryFind(name, out gpu);
        if (nominalMiB is { } size)
            like.RemoveAll(model => Math.Abs(size - model.ReportedMiB) * 8 > model.ReportedMiB);
        if (like.Count == 0 || (nominalMiB is null && !Agree(like.Max(model => model.ReportedMiB), like.Min(model => model.ReportedMiB))))
            return false;
        // Of cards of one size clouds have the one on a board, which the catalogue has before the one for a slot: an H100 SXM, not a PCIe.
        gpu = like[0] with { UsableMemory = like.Min(model => model.UsableMemory) };
        return true;
    }

    /// <summary>All that a name may mean, a product label or one that says less: cards of one name exist in two sizes. Empty for what is not known.</summary>
    public static IReadOnlyList<GpuModel> Named(string name)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > MaxNameLength)
            return [];
        List<GpuModel> like = [.. Contents.Value.Like(name)];
        return like.Count > 0 ? like : TryFind(name, out var gpu) ? [gpu] : [];
    }

    /// <summary>
    /// Memory that a process can allocate where the cloud says what is sold, not what the device reports (a T4 of 16384 MiB has 15360): the lower of
    /// that and the catalogue's figure. What is far less than the card is a part of it.
    /// </summary>
    public static Bytes NominalMemory(GpuModel? gpu, long nominalMiB) =>
        gpu is null || nominalMiB < gpu.ReportedMiB - (gpu.ReportedMiB / 8)
            ? UsableShare.OfCard(nominalMiB)
            : Bytes.Min(gpu.UsableMemory, Bytes.FromMiB(nominalMiB));

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
            ? Bytes.Min(gpu.UsableMemory, gpu.IsMeasured || IsSlice(product) ? Bytes.FromMiB(labelMemoryMiB) : UsableShare.OfCard(labelMemoryMiB))
            : IsSlice(product) ? UsableShare.OfSlice(labelMemoryMiB) : UsableShare.OfCard(labelMemoryMiB);
    }

    /// <summary>
    /// The most that a MIG slice can have, as its name says (<c>3g.20gb</c>), and the least that one of that name was seen to have: names are rounded
    /// up, by a sixth at most (a GB200's <c>1g.24gb</c> has 20480 MiB). Null for what is no profile.
    /// </summary>
    public static (Bytes Least, Bytes Most)? MemoryByProfileName(string profile)
    {
        var name = ProfileName(profile);
        return name is [>= '1' and <= MostSlices, 'g', ..] && name.EndsWith("gb", StringComparison.OrdinalIgnoreCase) && name.IndexOf('.') is var dot and >= 0
            && int.TryParse(name.AsSpan(dot + 1, name.Length - dot - 3), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var gib)
            && gib is > 0 and <= 4096
                ? (Bytes.FromMiB(gib * 1024L * 5 / 6), Bytes.FromMiB(gib * 1024L))
                : null;
    }

    /// <summary>Without what does not change its memory: the attributes (<c>1g.10gb+me</c>, in labels <c>1g.10gb.me</c>) and a part of its compute (<c>1c.3g.40gb</c>).</summary>
    private static string ProfileName(string profile)
    {
        var end = profile.IndexOf("gb", StringComparison.OrdinalIgnoreCase);
        var name = end < 0 ? profile : profile[..(end + 2)];
        return name.IndexOf("c.", StringComparison.OrdinalIgnoreCase) is var part and > 0 ? name[(part + 2)..] : name;
    }

    private static bool IsSlice(string? product) => product?.Contains(MigMarker, StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>Labels of one card differ a little between drivers; a card of another size differs more.</summary>
    private static bool Agree(long label, long usual) => label <= 2 * usual && Math.Abs(label - usual) * 50 <= usual;

    private static bool TrySlice(GpuModel whole, string profileName, [NotNullWhen(true)] out GpuModel? slice)
    {
        profileName = ProfileName(profileName);
        var profile = whole.MigProfiles.FirstOrDefault(profile => string.Equals(profile.Name, profileName, StringComparison.OrdinalIgnoreCase));
        slice = profile is null ? null : whole with
        {
            Name = $"{whole.Name} MIG {profile.Name}",
            Aliases = [],
            LabelMemoryMiB = profile.MemoryMiB,
            UsableMemory = UsableShare.OfSlice(profile.MemoryMiB),
            MemoryIsKnown = true,
            IsMeasured = false,
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
