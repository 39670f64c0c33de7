using GpuMem.Api.GpuPools;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>
/// A template as the GpuPool that an administrator would declare for it. Its GPU is named where all nodes that may come have the same one, whole and not
/// shared; else its memory stays unknown, which refuses nobody.
/// </summary>
internal static class TemplatePool
{
    private const int UsualNode = 8;

    public static GpuPool Of(NodeTemplate template)
    {
        var nodes = template.Nodes.Select(node => (Said: node, Read: Read(node))).ToList();
        var product = template.IsOpen ? null : Product(nodes.ConvertAll(node => node.Read));
        var counts = nodes.ConvertAll(node => node.Said.Gpus ?? Largest(product));
        var gpusPerNode = counts.Max() ?? UsualNode;
        if (template.MostGpus is > 0 and { } few && counts.Distinct().Count() > 1)
            gpusPerNode = (int)Math.Min(gpusPerNode, few);
        return new GpuPool
        {
            Metadata = new V1ObjectMeta { Name = template.Name },
            Spec = new GpuPoolSpec
            {
                Selector = template.Selector.ToDictionary(),
                Product = product is not null && counts.TrueForAll(count => count is not null) ? product : $"a GPU that {template.Origin} leaves open",
                GpusPerNode = gpusPerNode,
                MaxNodes = (int?)(template.MostNodes ?? template.MostGpus / gpusPerNode) is { } most ? Math.Max(0, most) : null,
                ResourceName = template.Nodes[0].Resource,
                Taints = [.. template.Taints.Select(taint => new GpuPoolTaint { Key = taint.Key, Value = taint.Value, Effect = taint.Effect })],
            },
        };
    }

    /// <summary>The labels name a GPU.</summary>
    public static bool IsOfGpus(TemplateNode node) => Read(node) is { IsSilent: false };

    /// <summary>The pool that nodes with these labels are in; null when only what they are says so.</summary>
    public static string? NameBy(IReadOnlyDictionary<string, string> labels) =>
        NodePoolName.Of(AsNode(labels, [])) is { LabelKey: { } key } pool && !NodePoolName.IsKind(key) ? pool.Name : null;

    private static string? Product(List<GpuNode?> nodes)
    {
        var first = nodes[0];
        return first?.UsableMemory is not null && nodes.TrueForAll(node => node is not null && node.UsableMemory == first.UsableMemory)
            && (GpuCatalogue.TryFind(first.Product, out var model) || GpuCatalogue.TryFindCloudName(first.Product, null, out model)) && IsWhole(first.UsableMemory!.Value, model)
            ? first.Product
            : null;
    }

    /// <summary>Not a part of a card. A name that a cloud uses is held to the least of the cards that have it, which differ by a hundredth.</summary>
    private static bool IsWhole(Bytes memory, GpuModel card) => Math.Abs(memory.Value - card.UsableMemory.Value) <= card.UsableMemory.Value / 50;

    /// <summary>The most GPUs of that kind that an instance type has: an autoscaler takes the type that a pod needs.</summary>
    private static int? Largest(string? product) => product is not null && GpuCatalogue.TryFind(product, out var gpu)
        ? InstanceTypes.All.Values.Where(type => type.Gpu.Name == gpu.Name && type.PartMiB is null).Select(type => type.Gpus).Max()
        : null;

    private static GpuNode? Read(TemplateNode node) => GpuNodeReader.Read(AsNode(node.Labels, new() { [node.Resource] = Quantity.Parse($"{node.Gpus ?? 1}").ToResourceQuantity() })) is [var gpus, ..] ? gpus : null;

    private static V1Node AsNode(IReadOnlyDictionary<string, string> labels, Dictionary<string, ResourceQuantity> offers) =>
        new() { Metadata = new V1ObjectMeta { Labels = labels.ToDictionary() }, Status = new V1NodeStatus { Allocatable = offers } };
}
