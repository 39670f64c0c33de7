using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>
/// What NVIDIA's GPU Feature Discovery writes: product, memory in MiB, count, replicas. It describes each kind of MIG slice by labels of its own,
/// <c>nvidia.com/mig-1g.10gb.memory</c>. Of a node with two models it describes one, and the labels flip between them
/// (NVIDIA/k8s-device-plugin#731): only the count then tells.
/// </summary>
internal static class FeatureDiscovery
{
    /// <summary>The device plugin can be told to call GPUs otherwise, <c>nvidia.com/a100</c>; the labels then begin with that name.</summary>
    public static bool Describes(NodeStatement node, GpuResource resource) =>
        resource.Name.StartsWith("nvidia.com/", StringComparison.Ordinal) && node[$"{resource.Described}.product"] is not null;

    /// <summary>
    /// The one resource of a node that is called as its cards are, and of which there are as many as are labelled under <c>nvidia.com/gpu</c>: a plugin was told
    /// to rename them and Feature Discovery was not (<c>nvidia.com/a100</c> of the National Research Platform, nrp.ai/documentation, "GPU pods"). Null when there
    /// is none.
    /// </summary>
    public static GpuResource? Renamed(NodeStatement node)
    {
        if (node[GpuNode.ProductLabel] is not { } product || node.Number($"{GpuResources.Nvidia}.count") is not (> 0 and <= 1024 and var count))
            return null;
        var offered = count * (Replicas(node, GpuResources.Nvidia) ?? 1);
        var named = node.Resources.Where(name => IsOf(product, name) && node.Offers(name) == offered).Take(2).ToList();
        return named is [var only] ? new GpuResource(only) { Labelled = GpuResources.Nvidia } : null;
    }

    /// <summary><c>nvidia.com/rtxa6000</c> of NVIDIA-RTX-A6000.</summary>
    private static bool IsOf(string product, string resource) => resource.StartsWith("nvidia.com/", StringComparison.Ordinal)
        && Letters(resource["nvidia.com/".Length..]) is { Length: >= 2 } name && Letters(product).Contains(name, StringComparison.OrdinalIgnoreCase);

    private static string Letters(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit));

    public static GpuFact? Read(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Nvidia)
            return null;
        var about = resource.Described;
        var whole = node[GpuNode.ProductLabel];
        var product = node[$"{about}.product"] ?? (resource.MigProfile is { } profile && whole is not null ? $"{whole}-MIG-{profile}" : null);
        var key = $"{about}.memory";
        if (product is null && node[key] is null)
            return null;
        if ((product ?? whole)?.EndsWith("-MIG-INVALID", StringComparison.Ordinal) == true)
            return GpuFact.Doubt(MemorySource.Unknown, product, $"{about}.product: the MIG layout is not valid");
        if (resource.MigProfile is null && Disagreement(node, resource) is { } disagreement)
            return GpuFact.Doubt(MemorySource.Unknown, product, disagreement);
        var mib = GpuMemoryLabel.TryReadMiB(node[key], out var reason);
        var known = GpuCatalogue.TryFind(product ?? "", out var model);
        if (mib is null)
            return new GpuFact
            {
                Source = known ? MemorySource.Catalogue : MemorySource.Unknown,
                Product = product,
                Model = model,
                Usable = model?.UsableMemory,
                Complaint = known ? $"{key}: {reason}; taken from the catalogue for {model!.Name}" : $"{key}: {reason}",
            };
        // What pods share may be labelled with what each gets of it.
        if (CardMemory.Disagreement($"{key}:", mib.Value, product, resource.MigProfile) is { } doubt && (Sharing(node, resource) is null || model is null || mib > model.LabelMemoryMiB))
            return GpuFact.Doubt(MemorySource.Unknown, product, doubt) with { Most = Bytes.Max(Bytes.FromMiB(mib.Value), model?.UsableMemory ?? Bytes.Zero) };
        // A figure that is higher than the card's by what tells MB from MiB, or GB from GiB, is in the wrong unit. One that is further off is another card of that name.
        var isWrongUnit = model?.LabelMemoryMiB is { } usual && mib > usual + (usual / 50) && mib <= usual + (usual / 8);
        var withoutEcc = isWrongUnit ? CardMemory.WithoutEcc(model, mib.Value) : null;
        var usable = isWrongUnit ? model!.UsableMemory : GpuCatalogue.UsableMemory(product, mib.Value);
        var isMeasured = model is { IsMeasured: true } && usable == Bytes.Min(model.UsableMemory, Bytes.FromMiB(mib.Value));
        return new GpuFact
        {
            Source = isWrongUnit ? MemorySource.Catalogue : MemorySource.FeatureDiscovery,
            Product = product,
            Model = model,
            Usable = usable,
            // No process has more than what the device reports, and on such a card nobody saw that it has less.
            Most = withoutEcc ?? (isWrongUnit || isMeasured ? null : Bytes.FromMiB(mib.Value)),
            Complaint = isWrongUnit ? $"{key}: {mib} MiB is more than {model!.Name} has{(withoutEcc is null ? "" : ", unless its ECC is off")}; taken from the catalogue" : null,
        };
    }

    /// <summary>How many pods take turns on a GPU, and whether memory is divided between them.</summary>
    public static GpuSharing? Sharing(NodeStatement node, GpuResource resource)
    {
        if (resource.Vendor != GpuVendor.Nvidia)
            return null;
        var about = resource.Described;
        var strategy = node[$"{about}.sharing-strategy"];
        var replicas = (int?)Replicas(node, about);
        var isNamedShared = resource.IsShared || node[$"{about}.product"]?.EndsWith("-SHARED", StringComparison.Ordinal) == true;
        // A strategy without replicas is that of a GPU that is cut into slices, and is not shared.
        return isNamedShared || (strategy is "time-slicing" or "mps" && replicas is not null) ? new GpuSharing(replicas, strategy == "mps") : null;
    }

    /// <summary>Null when the GPUs that are labelled are those that are offered.</summary>
    private static string? Disagreement(NodeStatement node, GpuResource resource)
    {
        var about = resource.Described;
        var (whole, shared) = (node.Has(about), node.Has(about + ".shared"));
        if (node.Number($"{about}.count") is not { } count || whole + shared == 0 || (whole > 0 && shared > 0))
            return null;
        var offered = whole + shared;
        var expected = Math.Min(count, 1 << 20) * (Replicas(node, about) ?? 1);
        // GPUs that are cut into slices are counted and offered under other names.
        var isCut = node["nvidia.com/mig.strategy"] == "mixed" || node.Resources.Any(name => new GpuResource(name).MigProfile is not null && node.Has(name) > 0);
        if (offered == expected || (offered < expected && isCut))
            return null;
        // Labelled is one model of a node, so more than are offered are not of two: one has left the bus since, or is kept from pods.
        if (offered < expected && expected == count && node[$"{about}.product"]?.Contains("-MIG-", StringComparison.Ordinal) != true)
            return null;
        return $"{about}.count: {expected} {(expected == 1 ? "GPU is" : "GPUs are")} labelled and {offered} {(offered == 1 ? "is" : "are")} offered: two models in one node, or GPUs that are divided";
    }

    /// <summary>Zero stands for a GPU that is cut into slices, and is no count of pods.</summary>
    private static long? Replicas(NodeStatement node, string about) => node.Number($"{about}.replicas") is >= 1 and var replicas ? Math.Min(replicas, 1024) : null;
}
