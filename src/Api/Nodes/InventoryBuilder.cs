using GpuMem.Api.GpuPools;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;
using GpuMem.Planning;

namespace GpuMem.Api.Nodes;

/// <summary>Makes pools of nodes and of what administrators declared. A declaration wins over what nodes say.</summary>
public static class InventoryBuilder
{
    public static PoolInventory Build(IEnumerable<V1Node> nodes, IEnumerable<GpuPool> declared) => OfGpuNodes(nodes.Select(GpuNode.Read).OfType<GpuNode>(), declared);

    public static PoolInventory OfGpuNodes(IEnumerable<GpuNode> nodes, IEnumerable<GpuPool> declared)
    {
        var declarations = declared.Where(pool => pool.Name() is not null).OrderBy(pool => pool.Name(), StringComparer.Ordinal).ToList();
        var selecting = declarations.Where(Selects).ToList();
        // By name, for informers list nodes in any order and the pools of a cluster must not depend on it.
        var members = nodes.OrderBy(node => node.Name, StringComparer.Ordinal).ToLookup(node => Owner(node, selecting), StringComparer.Ordinal);
        var names = members.Select(group => group.Key).Union(declarations.Select(pool => pool.Name()!), StringComparer.Ordinal);
        return new PoolInventory([.. names
            .Order(StringComparer.Ordinal)
            .Select(name => Entry(name, [.. members[name]], declarations.Find(pool => pool.Name() == name)))
            .OfType<PoolEntry>()]);
    }

    /// <summary>The declaration claims the nodes that have its labels.</summary>
    internal static bool Selects(GpuPool pool) => pool.Spec?.Selector is { Count: > 0 };

    /// <param name="selecting">Declarations that select nodes, by name: the first that selects a node has it.</param>
    internal static string Owner(GpuNode node, List<GpuPool> selecting) =>
        selecting.Find(pool => pool.Spec.Selector!.All(label => node.Labels[label.Key] == label.Value))?.Name() ?? node.Pool.Name;

    /// <summary>Null for a declaration that has no node and does not say enough to plan for one.</summary>
    internal static PoolEntry? Entry(string name, List<GpuNode> nodes, GpuPool? declared)
    {
        var spec = declared?.Spec ?? new GpuPoolSpec();
        var gpusPerNode = spec.GpusPerNode ?? MostCommonCount(nodes);
        // One node whose memory is unknown makes the pool unknown: the pod may land there.
        nodes = [.. nodes.Select(node => As(node, spec.Product))];
        var least = nodes.MinBy(node => node.UsableMemory ?? Bytes.Zero);
        var product = spec.Product ?? least?.Product;
        if (gpusPerNode is null || product is null)
            return null;
        var declaredMiB = spec.MemoryPerGPU is { } quantity ? quantity.ToInt64() / Bytes.PerMiB : 0;
        var (memory, source) = Memory(declaredMiB, product, least);
        var sized = spec.GpusPerNode is null ? nodes.Where(node => node.Gpus == gpusPerNode).ToList() : nodes;
        return new PoolEntry
        {
            Nodes = nodes,
            Source = source,
            NodeSelector = Selector(spec, nodes),
            Taints = Taints(spec, nodes),
            Pool = new Pool
            {
                Name = name,
                Product = product,
                UsableMemory = memory,
                LargestMemory = source == MemorySource.Declared ? null : nodes.Max(node => node.LargestMemory),
                GpusPerNode = gpusPerNode.Value,
                Nodes = sized.Count,
                MaxNodes = spec.MaxNodes,
                // Who declares a pool without nodes expects some.
                MayGrow = spec.MaxNodes is null && (nodes.Count == 0 || nodes.Exists(node => node.Pool.MayGrow)),
                NvLinkDomain = GpuCatalogue.TryFind(product, out var model) ? model.NvLinkDomain : 1,
                ResourceName = spec.ResourceName ?? nodes.FirstOrDefault()?.ResourceName ?? GpuResources.Nvidia,
                PricePerGpuHour = spec.PricePerGPUHour?.ToDecimal(),
                Heterogeneous = nodes.DistinctBy(node => (node.Product, node.UsableMemory)).Count() > 1,
            },
        };
    }

    /// <summary>A node that says nothing of its GPU has the declared one.</summary>
    private static GpuNode As(GpuNode node, string? declared) =>
        declared is not null && node.IsSilent && GpuCatalogue.TryFind(declared, out var model)
            ? node with
            {
                Product = declared,
                UsableMemory = model.UsableMemory,
                LargestMemory = model.UsableMemory,
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

    private static (Bytes?, MemorySource) Memory(long declaredMiB, string product, GpuNode? least)
    {
        if (declaredMiB > 0)
            return (GpuCatalogue.UsableMemory(product, declaredMiB), MemorySource.Declared);
        if (least is not null)
            return (least.UsableMemory, least.Source);
        return GpuCatalogue.TryFind(product, out var model) ? (model.UsableMemory, MemorySource.Catalogue) : (null, MemorySource.Unknown);
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
