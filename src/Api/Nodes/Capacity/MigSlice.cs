using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>A MIG slice of a card that is known, or of which only the profile's name is.</summary>
internal static class MigSlice
{
    /// <param name="whole">The card; null when it is not known.</param>
    /// <param name="profile">As resources and labels have it, <c>1g.10gb.me</c>.</param>
    public static GpuFact Of(MemorySource source, GpuModel? whole, string profile, string? product)
    {
        if (whole is not null && GpuCatalogue.TryFind($"{whole.NodeName}-MIG-{profile}", out var slice))
            return new GpuFact { Source = source, Product = product, Model = slice, Usable = slice.UsableMemory };
        return GpuCatalogue.MemoryByProfileName(profile) is var (least, most) && (whole is null || most.Value / 10 * 9 <= whole.UsableMemory.Value)
            ? new GpuFact { Source = source, Product = product, Usable = least, Most = most, Complaint = $"the size of the slice {profile} is not known: at least five sixths of what its name says" }
            : GpuFact.Doubt(MemorySource.Unknown, product, $"'{profile}' is no MIG profile that {whole?.Name ?? "any GPU"} is known to have");
    }
}
