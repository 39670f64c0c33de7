using GpuMem.Api.Nodes.Capacity;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes;

/// <summary>
/// What a node says of its GPUs, one answer for each resource that it offers them by. The sources are asked in the order of their trust; labels that
/// a cloud puts on nodes from their creation decide until those come that the device itself wrote.
/// </summary>
public static class GpuNodeReader
{
    private const string Unlabelled = "an unlabelled GPU";

    private const int MostGpus = 1024;

    private static readonly Func<NodeStatement, GpuResource, GpuFact?>[] Sources =
    [
        PassedThrough.Read, DeviceRegister.Read, KoordinatorNode.Read, FeatureDiscovery.Read, AmdLabels.Read, IntelLabels.Read, InstanceTypeLabel.ReadPart, AlibabaLabels.Read, KarpenterLabels.Read, CoreWeaveLabels.Read,
        GkeLabels.Read, InstanceTypeLabel.Read, AcceleratorName.Read, DividedTotals.Read,
    ];

    /// <summary>Null when the node has no GPU that pods could request.</summary>
    public static ValueList<GpuNode>? Read(V1Node node)
    {
        var said = new NodeStatement(node);
        var offered = Offered(said, name => GpuResources.HasPool(name) || FeatureDiscovery.Describes(said, new GpuResource(name)));
        offered.AddRange(Offered(said, name => offered.TrueForAll(known => known.Resource.Name != name) && GpuResources.IsOther(name, besideKnown: offered.Count > 0)));
        if (KoordinatorNode.Cards(said) is { } counted)
            offered.Add((new GpuResource(GpuResources.Nvidia), counted));
        if (offered.Count == 0 && FeatureDiscovery.Renamed(said) is { } renamed)
            offered.Add((renamed, said.Offers(renamed.Name)));
        var isOffered = offered.Count > 0;
        // A plugin that is not up yet has no resource at all; one that offers none has none.
        if (!isOffered && !said.Resources.Contains(GpuResources.Nvidia, StringComparer.Ordinal) && said.Number($"{GpuResources.Nvidia}.count") is > 0 and var labelled)
            offered = [(new GpuResource(GpuResources.Nvidia), labelled)];
        if (offered.Count == 0)
            return null;
        var about = NodeIdentity.Of(node);
        return new ValueList<GpuNode>([.. offered.Select(offer => Of(offer.Resource, offer.Count))]);

        GpuNode Of(GpuResource resource, long count)
        {
            List<GpuFact> facts = [.. Sources.Select(source => source(said, resource)).OfType<GpuFact>()];
            if (resource.Vendor is null)
                facts = [OtherAccelerator.Read(said, resource.Name)];
            var fact = Bounded(Slice(resource, facts, Decisive(facts)));
            var cards = fact?.Gpus ?? facts.Select(other => other.Gpus).FirstOrDefault(gpus => gpus is not null) ?? (resource.IsDivided ? fact?.Whole : null);
            var (usable, most, doubt) = Shares(said, resource, fact, isCounted: cards is not null);
            return new GpuNode
            {
                Name = node.Name() ?? "",
                Labels = about.Labels,
                Taints = about.Taints,
                Pool = about.Pool,
                ResourceName = resource.Name,
                Product = fact?.Product ?? facts.Select(other => other.Product).FirstOrDefault(product => product is not null) ?? Unlabelled,
                UsableMemory = usable,
                LargestMemory = most,
                Source = usable is null ? MemorySource.Unknown : fact!.Source,
                Gpus = (int)Math.Min(cards ?? count, MostGpus),
                NvLinkDomain = resource.MigProfile is null ? fact?.Model?.NvLinkDomain ?? 1 : 1,
                ShareUnitMiB = fact?.ShareUnitMiB ?? 1,
                IsSilent = facts.Count == 0,
                IsOffered = isOffered,
                Complaint = doubt ?? Complaint(resource, facts, fact, isKnown: usable is not null) ?? Uncounted(said, resource),
            };
        }
    }

    /// <summary>
    /// What a node offers by resources and what drivers offer there by claims. Where a driver has the node's GPUs, labels that only describe them make no
    /// second pool of them.
    /// </summary>
    /// <param name="name">The node.</param>
    /// <param name="node">What the node itself says; null for one that is not known: any pod may get there.</param>
    /// <param name="claimed">What drivers offer there.</param>
    public static ValueList<GpuNode>? Merge(string name, ValueList<GpuNode>? node, IReadOnlyList<SliceGpus> claimed)
    {
        if (claimed.Count == 0)
            return node is { Count: > 0 } && node[0].IsBare ? null : node;
        var about = node is { Count: > 0 } ? new NodeIdentity(node[0].Labels, node[0].Taints, node[0].Pool) : NodeIdentity.Unknown;
        var drivers = claimed.Select(gpus => ResourceSlices.ExtendedResource(gpus.Driver)).ToHashSet(StringComparer.Ordinal);
        return new ValueList<GpuNode>([.. (node ?? NoGpus).Where(gpus => !gpus.IsBare && (gpus.IsOffered || !drivers.Contains(gpus.ResourceName))), .. claimed.Select(gpus => new GpuNode
        {
            Name = name,
            Labels = about.Labels,
            Taints = about.Taints,
            Pool = about.Pool,
            ResourceName = gpus.Driver,
            IsClaimed = true,
            Device = gpus.Facts,
            Cuts = gpus.Cuts,
            AlsoOfferedAs = gpus.IsPart ? null : ResourceSlices.ExtendedResource(gpus.Driver),
            Product = gpus.Product,
            UsableMemory = gpus.Usable,
            LargestMemory = gpus.Most ?? gpus.Usable,
            Source = gpus.Usable is null ? MemorySource.Unknown : MemorySource.ResourceSlice,
            Gpus = gpus.Count,
            NvLinkDomain = gpus.IsPart ? 1 : gpus.Model?.NvLinkDomain ?? 1,
            IsSilent = false,
            IsOffered = true,
            Complaint = gpus.Complaint,
        })]);
    }

    /// <summary>As <see cref="Read"/>; of a node without GPUs, what decides which pods get there: a driver may have GPUs there that the node does not tell of.</summary>
    public static ValueList<GpuNode> ReadOrBare(V1Node node)
    {
        if (Read(node) is { } gpus)
            return gpus;
        var about = NodeIdentity.Of(node);
        return new ValueList<GpuNode>([new GpuNode
        {
            Name = node.Name() ?? "",
            Labels = about.Labels,
            Taints = about.Taints,
            Pool = about.Pool,
            ResourceName = "",
            Product = "",
            UsableMemory = null,
            LargestMemory = null,
            Source = MemorySource.Unknown,
            Gpus = 0,
            NvLinkDomain = 1,
            IsSilent = true,
            IsOffered = false,
        }]);
    }

    private static readonly ValueList<GpuNode> NoGpus = new([]);

    /// <summary>By name.</summary>
    private static List<(GpuResource Resource, long Count)> Offered(NodeStatement said, Func<string, bool> isGpu) => [.. said.Resources
        .Where(isGpu)
        .Order(StringComparer.Ordinal)
        .Select(name => (new GpuResource(name), said.Offers(name)))
        .Where(resource => resource.Item2 > 0)];

    /// <summary>Why fewer can be had at the moment than are counted.</summary>
    private static string? Uncounted(NodeStatement said, GpuResource resource) =>
        said.IsAllocatable(resource.Name) || (resource.Name == GpuResources.Nvidia && KoordinatorNode.Cards(said) is not null) ? null
        : said.Has(resource.Name) > 0 ? $"{resource.Name}: none is allocatable now, its device plugin is away or the GPUs are unhealthy; counted by what the node had"
        : $"{resource.Name}: the node does not offer it yet; counted by {GpuResources.Nvidia}.count";

    private static string? Complaint(GpuResource resource, List<GpuFact> facts, GpuFact? decisive, bool isKnown) =>
        decisive?.Complaint ?? (isKnown ? null : facts.Select(fact => fact.Complaint).FirstOrDefault(complaint => complaint is not null)
            ?? $"{Label(resource)}: the label is missing, and no other says what the GPU is");

    /// <summary>Where the vendor's own labels would say it.</summary>
    private static string Label(GpuResource resource) => resource.Vendor switch
    {
        GpuVendor.Amd => "amd.com/gpu.vram",
        GpuVendor.Intel => "gpu.intel.com/memory.max",
        GpuVendor.Habana => "habana.ai/product.name",
        _ => $"{resource.Described}.memory",
    };

    /// <summary>The most trusted that has a figure, or says that there is none to be had.</summary>
    private static GpuFact? Decisive(List<GpuFact> facts) => facts.Find(fact => fact.Usable is not null || fact.IsDoubt) ?? facts.FirstOrDefault();

    /// <summary>No process has more than what the device reports, and of a card on which nobody measured it nobody knows that it has less.</summary>
    private static GpuFact? Bounded(GpuFact? fact) =>
        fact is { Usable: { } usable, Most: null, Model: { IsMeasured: false } card } ? fact with { Most = Bytes.Max(usable, Bytes.FromMiB(card.ReportedMiB)) } : fact;

    /// <summary>Of a MIG slice most sources know the card alone.</summary>
    private static GpuFact? Slice(GpuResource resource, List<GpuFact> facts, GpuFact? decisive)
    {
        if (resource.MigProfile is not { } profile || decisive is { IsDoubt: true })
            return decisive;
        if (decisive is { Source: MemorySource.FeatureDiscovery, Usable: { } labelled })
            return GpuCatalogue.MemoryByProfileName(profile) is var (_, most) && labelled > most ? decisive with { Usable = most } : decisive;
        if (decisive is { Source: MemorySource.Catalogue, Model: not null } && facts[0] == decisive)
            return decisive;
        var (source, model) = decisive is { Model: { } card } ? (decisive.Source, card) : (MemorySource.Catalogue, Whole(decisive?.Product));
        return MigSlice.Of(source, model, profile, decisive?.Product is not { } product ? $"MIG {profile}" : product.Contains("-MIG-", StringComparison.Ordinal) ? product : $"{product}-MIG-{profile}");
    }

    /// <summary>The card that a slice is of, by the product that is labelled.</summary>
    private static GpuModel? Whole(string? product) =>
        product?.IndexOf("-MIG-", StringComparison.Ordinal) is >= 0 and var at && GpuCatalogue.TryFind(product[..at], out var model) ? model : null;

    /// <summary>What is left of a GPU for each of those who have it together.</summary>
    private static (Bytes? Usable, Bytes? Most, string? Doubt) Shares(NodeStatement node, GpuResource resource, GpuFact? fact, bool isCounted)
    {
        if (fact?.Usable is not { } usable)
            return (null, fact?.Most, null);
        var most = fact.Most ?? usable;
        if ((FeatureDiscovery.Sharing(node, resource) ?? GkeLabels.Sharing(node, resource)) is { } sharing)
        {
            if (sharing.Clients is not { } clients)
                return (null, most, $"{resource.Name} is shared, and no label says by how many");
            // MPS divides memory evenly. Time-slicing does not: a fair share is all that a pod can count on, and all of it what it may find.
            var share = new Bytes(usable.Value / clients);
            return (share, sharing.IsDivided ? new Bytes(most.Value / clients) : most, null);
        }
        return fact.Whole is { } whole && !isCounted && resource.MigProfile is null && node.Has(resource.Name) > whole
            ? (null, most, $"{node.Has(resource.Name)} of {resource.Name} are offered where there {(whole == 1 ? "is 1 GPU" : $"are {whole} GPUs")}: they are shared or divided, and no label says how")
            : (usable, most, null);
    }
}
