using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// Holds the memory that somebody says a GPU has against the card that it is said to be. Drivers differ by some percent, ECC takes a sixteenth, and
/// what is sold is rounded. What is further off is another card or another unit, and nobody can tell which of the two is wrong: with too much
/// memory jobs would pass that cannot run, and with too little those would be refused that can.
/// </summary>
internal static class CardMemory
{
    private const int Tolerated = 8;

    /// <summary>Why neither the figure nor the name is to be relied on; null when they agree, or nothing is known of such a GPU.</summary>
    /// <param name="said">Who says how much memory there is, as the beginning of the sentence.</param>
    /// <param name="mib">How much.</param>
    /// <param name="product">The GPU, with its profile where it is a MIG slice; null when nobody names it.</param>
    /// <param name="profile">The profile, where only the resource tells it.</param>
    public static string? Disagreement(string said, long mib, string? product, string? profile = null)
    {
        const string mig = "-MIG-";
        var at = product?.IndexOf(mig, StringComparison.OrdinalIgnoreCase) ?? -1;
        if (product is not null && GpuCatalogue.TryFind(product, out var model))
            return Agrees(model, mib) || (GpuCatalogue.TryFindCloudName(product, mib, out var other) && Agrees(other, mib)) ? null : Text(said, mib, product, model);
        if (at >= 0 && GpuCatalogue.TryFind(product![..at], out var whole) && IsMore(mib, whole.LabelMemoryMiB))
            return Text(said, mib, product, whole);
        profile ??= at >= 0 ? product![(at + mig.Length)..] : null;
        return profile is not null && GpuCatalogue.MemoryByProfileName(profile) is var (least, most)
            && (IsMore(mib, most.Value / Bytes.PerMiB) || IsLess(mib, least.Value / Bytes.PerMiB))
                ? $"{said} {mib} MiB, and a slice {profile} has {least} to {most}: neither is relied on"
                : null;
    }

    /// <summary>Of a name that says less than a product label does, and may mean cards of several sizes.</summary>
    /// <param name="said">Who says how much memory there is, as the beginning of the sentence.</param>
    /// <param name="mib">How much.</param>
    /// <param name="name">The GPU.</param>
    /// <param name="mayBePart">It may be a part of a GPU that has the name of the whole: then only too much is wrong.</param>
    public static string? DisagreementOfName(string said, long mib, string name, bool mayBePart)
    {
        var named = GpuCatalogue.Named(name);
        return named.Count == 0 || named.Any(model => mayBePart ? !IsMore(mib, model.LabelMemoryMiB) : Agrees(model, mib)) ? null : Text(said, mib, name, named.MaxBy(model => model.LabelMemoryMiB)!);
    }

    /// <summary>
    /// What the card has when its ECC is off, which on GDDR memory takes a sixteenth: 49140 MiB of an L40S or A40 that has 46068 with it, 16384 of a T4 that
    /// has 15360 (nvidia-smi shows ECC "Off" beside them). Whoever writes down what is sold comes to nearly the same, so it is only what there may be. Null
    /// for another figure.
    /// </summary>
    public static Bytes? WithoutEcc(GpuModel? model, long mib) =>
        model?.LabelMemoryMiB is { } usual && Math.Abs((mib * 15) - (usual * 16)) * 300 <= usual * 16 ? Bytes.FromMiB(mib) : null;

    /// <summary>True where nobody saw what the card reports.</summary>
    private static bool Agrees(GpuModel model, long mib) => !IsMore(mib, model.LabelMemoryMiB) && !IsLess(mib, model.LabelMemoryMiB);

    private static bool IsMore(long mib, long? usual) => mib > usual + (usual / Tolerated);

    private static bool IsLess(long mib, long? usual) => mib < usual - (usual / Tolerated);

    private static string Text(string said, long mib, string name, GpuModel model) => $"{said} {mib} MiB, and {name} ({model.Name}) has {model.LabelMemoryMiB}: neither is relied on";
}
