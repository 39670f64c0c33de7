using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Api.Nodes;

/// <summary>
/// Makes pools of nodes and of what administrators declared. A declaration wins over what nodes say. Nodes that belong together make a pool for
/// each resource by which they offer GPUs.
/// </summary>
public static class InventoryBuilder
{
    public static PoolInventory Build(IEnumerable<V1Node> nodes, IEnumerable<GpuPool> declared) => OfGpuNodes(nodes.Select(GpuNodeReader.Read).OfType<ValueList<GpuNode>>(), declared);

    public static PoolInventory Build(IReadOnlyCollection<V1Node> nodes, IReadOnlyCollection<V1ResourceSlice> slices, IEnumerable<GpuPool> declared, DeviceClaims? claims = null)
    {
        var claimed = ResourceSlices.ByNode(slices);
        var said = nodes.Where(node => node.Name() is not null).GroupBy(node => node.Name()!, StringComparer.Ordinal)
            .ToDictionary(same => same.Key, same => GpuNodeReader.ReadOrBare(same.Last()), StringComparer.Ordinal);
        return OfGpuNodes(
            said.Keys.Union(claimed.Keys, StringComparer.Ordinal)
                .Select(name => GpuNodeReader.Merge(name, said.GetValueOrDefault(name), claimed.GetValueOrDefault(name) ?? []))
                .OfType<ValueList<GpuNode>>(),
            declared,
            claims);
    }

    /// <param name="nodes">Each node, as what it says of each of its resources.</param>
    /// <param name="declared">What administrators declared.</param>
    /// <param name="claims">What pods' claims ask for; null where that is not known.</param>
    public static PoolInventory OfGpuNodes(IEnumerable<ValueList<GpuNode>> nodes, IEnumerable<GpuPool> declared, DeviceClaims? claims = null)
    {
        var declarations = new Dictionary<string, GpuPool>(StringComparer.Ordinal);
        foreach (var pool in declared)
            if (pool.Name() is { } name)
                declarations.TryAdd(name, pool);
        var selecting = declarations.Values.Where(Selects).OrderBy(pool => pool.Name(), StringComparer.Ordinal).ToList();
        // By name, for informers list nodes in any order and the pools of a cluster must not depend on it.
        var members = nodes.SelectMany(node => node.Select(gpus => (Gpus: gpus, Owner: Owner(gpus, node, selecting))))
            .OrderBy(member => member.Gpus.Name, StringComparer.Ordinal)
            .ToLookup(member => member.Owner, member => member.Gpus, StringComparer.Ordinal);
        return Inventory(members.Select(group => group.Key).Union(declarations.Keys, StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .SelectMany(name => Entries(name, [.. members[name]], declarations.GetValueOrDefault)), claims);
    }

    /// <summary>By name. Of two pools of one name that has nodes which is not only declared.</summary>
    internal static PoolInventory Inventory(IEnumerable<PoolEntry> entries, DeviceClaims? claims = null) => new([.. entries
        .GroupBy(entry => entry.Pool.Name, StringComparer.Ordinal)
        .Select(same => same.MaxBy(entry => entry.Nodes.Count)!)
        .OrderBy(entry => entry.Pool.Name, StringComparer.Ordinal)])
    {
        Claims = claims ?? DeviceClaims.None,
    };

    /// <summary>The declaration claims the nodes that have its labels.</summary>
    internal static bool Selects(GpuPool pool) => pool.Spec?.Selector is { Count: > 0 };

    /// <summary>Whose pool the GPUs of a node are in. A declaration that names one of the node's resources claims no other.</summary>
    /// <param name="gpus">What the node says of one of its resources.</param>
    /// <param name="node">What it says of all.</param>
    /// <param name="selecting">Declarations that select nodes, by name: the first that selects a node has it.</param>
    internal static string Owner(GpuNode gpus, ValueList<GpuNode> node, List<GpuPool> selecting) =>
        selecting.Find(pool => Claims(pool.Spec.ResourceName, gpus, node) && pool.Spec.Selector!.All(label => gpus.Labels[label.Key] == label.Value))?.Name() ?? gpus.Pool.Name;

    private static bool Claims(string? resource, GpuNode gpus, ValueList<GpuNode> node) =>
        resource is null || gpus.ResourceName == resource || !node.Any(other => other.ResourceName == resource);

    /// <summary>
    /// A pool for each resource. One resource has the name of all; of several the whole GPUs have it, and the others the name of their slice behind
    /// it, <c>h100-mig-1g.10gb</c>. None for a declaration that has no node and does not say enough to plan for one.
    /// </summary>
    internal static IEnumerable<PoolEntry> Entries(string owner, List<GpuNode> nodes, Func<string, GpuPool?> declared)
    {
        if (nodes.Count == 0)
            return Entry(owner, [], declared(owner)?.Spec ?? new GpuPoolSpec()) is { } planned ? [planned] : [];
        var kinds = nodes.GroupBy(node => node.Kind, StringComparer.Ordinal).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => kind.ToList()).ToList();
        var main = kinds.Count == 1 ? kinds[0] : kinds.Find(kind => kind[0].ResourceName == declared(owner)?.Spec?.ResourceName)
            ?? kinds.Find(kind => kind[0].ResourceName == GpuResources.Nvidia) ?? kinds.Find(kind => GpuResources.IsWhole(kind[0].ResourceName));
        return kinds.Select(kind =>
        {
            var name = kind == main ? owner : $"{owner}-{Suffix(kind[0])}";
            return Entry(name, kind, Spec(name, owner, declared));
        }).OfType<PoolEntry>();
    }

    /// <summary>What tells the GPUs from others of the same nodes.</summary>
    private static string Suffix(GpuNode gpus) =>
        NodePoolName.AsName(gpus.IsClaimed ? gpus.Product : gpus.ResourceName[(gpus.ResourceName.IndexOf('/') + 1)..]) is { Length: > 0 } name ? name : "gpus";

    /// <summary>What is declared of the nodes holds for all their resources; what is declared of the GPUs, only for those of that name.</summary>
    private static GpuPoolSpec Spec(string name, string owner, Func<string, GpuPool?> declared)
    {
        var own = declared(name)?.Spec ?? new GpuPoolSpec();
        if (name == owner || declared(owner)?.Spec is not { } nodes)
            return own;
        return new GpuPoolSpec
        {
            Selector = own.Selector is { Count: > 0 } ? own.Selector : nodes.Selector,
            Taints = own.Taints ?? nodes.Taints,
            MaxNodes = own.MaxNodes ?? nodes.MaxNodes,
            Product = own.Product,
            MemoryPerGPU = own.MemoryPerGPU,
            GpusPerNode = own.GpusPerNode,
            ResourceName = own.ResourceName,
            PricePerGPUHour = own.PricePerGPUHour,
        };
    }

    private static PoolEntry? Entry(string name, List<GpuNode> nodes, GpuPoolSpec said)
    {
        var declaration = Declaration.Read(said);
        var spec = declaration.Spec;
        var gpusPerNode = spec.GpusPerNode ?? MostCommonCount(nodes);
        // One node whose memory is unknown makes the pool unknown: the pod may land there.
        nodes = [.. nodes.Select(node => As(node, spec.Product))];
        var least = nodes.MinBy(node => node.UsableMemory ?? Bytes.Zero);
        var product = spec.Product ?? least?.Product;
        if (gpusPerNode is null || product is null)
            return null;
        var declaredMiB = spec.MemoryPerGPU is { } quantity ? quantity.ToInt64() / Bytes.PerMiB : 0;
        var card = spec.Product is { } named ? Model(named, declaredMiB) : null;
        var (memory, largest, source) = Memory(declaredMiB, product, card, nodes);
        var sized = spec.GpusPerNode is null ? nodes.Where(node => node.Gpus == gpusPerNode).ToList() : nodes;
        return new PoolEntry
        {
            Nodes = nodes,
            Source = source,
            NodeSelector = Selector(spec, nodes),
            Taints = Taints(spec, nodes),
            Ignored = declaration.Ignored,
            Conflict = DeclarationConflict.Of(spec, card, nodes),
            Pool = new Pool
            {
                Name = name,
                Product = product,
                UsableMemory = memory,
                LargestMemory = largest,
                // A part that pods take turns on is shown as that part.
                SharesMemoryWithHost = Model(product) is { SharedMemory: not null } shared && (declaredMiB > 0 || !(memory < shared.UsableMemory)),
                GpusPerNode = gpusPerNode.Value,
                Nodes = sized.Count,
                MaxNodes = spec.MaxNodes,
                // Who declares a pool without nodes expects some.
                MayGrow = spec.MaxNodes is null && (nodes.Count == 0 || nodes.Exists(node => node.Pool.MayGrow)),
                NvLinkDomain = Model(product)?.NvLinkDomain ?? least?.NvLinkDomain ?? 1,
                ResourceName = spec.ResourceName ?? nodes.FirstOrDefault()?.ResourceName ?? Resource(product),
                PricePerGpuHour = declaration.Price,
                Heterogeneous = nodes.DistinctBy(node => (node.Product, node.UsableMemory)).Count() > 1,
            },
        };
    }

    /// <summary>A product label, or a name as clouds and people use it.</summary>
    private static GpuModel? Model(string product) =>
        GpuCatalogue.TryFind(product, out var model) || GpuCatalogue.TryFindCloudName(product, null, out model) ? model : null;

    /// <summary>Of a name that is of cards of several sizes, the one of this size.</summary>
    private static GpuModel? Model(string product, long mib) => mib > 0 && GpuCatalogue.TryFindCloudName(product, mib, out var model) ? model : Model(product);

    private static string Resource(string product) => Model(product)?.Vendor switch
    {
        GpuVendor.Amd => GpuResources.Amd,
        GpuVendor.Habana => GpuResources.Gaudi,
        GpuVendor.Intel => "gpu.intel.com/xe",
        _ => GpuResources.Nvidia,
    };

    /// <summary>Null where one node may have more than is known.</summary>
    private static Bytes? Largest(List<GpuNode> nodes) => nodes.Exists(node => node.LargestMemory is null) ? null : nodes.Max(node => node.LargestMemory);

    /// <summary>A node that says nothing of its GPU has the declared one.</summary>
    private static GpuNode As(GpuNode node, string? declared) =>
        declared is not null && node.IsSilent && Model(declared) is { } model
            ? node with
            {
                Product = declared,
                UsableMemory = model.UsableMemory,
                LargestMemory = model.LargestMemory,
                Source = MemorySource.Catalogue,
                NvLinkDomain = model.NvLinkDomain,
                Complaint = $"{node.Complaint}; taken from the catalogue for {model.Name}, as spec.product says",
            }
            : node;

    /// <summary>Of nodes with different counts, the count that makes up most of the pool's GPUs.</summary>
    private static int? MostCommonCount(List<GpuNode> nodes) => nodes
        .GroupBy(node => node.Gpus)
        .OrderByDescending(group => (long)group.Key * group.Count())
        .Select(group => (int?)group.Key)
        .FirstOrDefault();

    private static (Bytes? Memory, Bytes? Largest, MemorySource Source) Memory(long declaredMiB, string product, GpuModel? card, List<GpuNode> nodes)
    {
        if (declaredMiB > 0)
        {
            var declared = GpuCatalogue.UsableMemory(product, declaredMiB);
            // More than there can be would let jobs pass that cannot run, and less than an administrator says would refuse some that may: those are at risk.
            return DeclarationConflict.Most(card, nodes) is { } most && DeclarationConflict.IsMore(declaredMiB * Bytes.PerMiB, most) ? (most, declared, MemorySource.Declared) : (declared, Model(product)?.SharedMemory, MemorySource.Declared);
        }
        if (nodes.MinBy(node => node.UsableMemory ?? Bytes.Zero) is { } least)
            return (least.UsableMemory, Largest(nodes), least.Source);
        return Model(product) is { } model ? (model.UsableMemory, model.SharedMemory, MemorySource.Catalogue) : (null, null, MemorySource.Unknown);
    }

    private static Dictionary<string, string> Selector(GpuPoolSpec spec, List<GpuNode> nodes)
    {
        if (spec.Selector is { Count: > 0 } selector)
            return new Dictionary<string, string>(selector, StringComparer.Ordinal);
        return nodes.FirstOrDefault()?.Pool is { LabelKey: { } key, LabelValue: { } value } ? new() { [key] = value } : [];
    }

    private static List<NodeTaint> Taints(GpuPoolSpec spec, List<GpuNode> nodes)
    {
        if (spec.Taints is { } declared)
            return [.. declared.Select(taint => new NodeTaint(taint.Key, taint.Value, taint.Effect ?? "NoSchedule"))];
        return [.. nodes
            .SelectMany(node => node.Taints)
            // The node controller's own taints come and go with the node's health; no pod should be told to tolerate them.
            .Where(taint => taint.Effect is "NoSchedule" or "NoExecute" && taint.Key?.StartsWith("node.kubernetes.io/", StringComparison.Ordinal) == false)
            .Distinct()];
    }
}
