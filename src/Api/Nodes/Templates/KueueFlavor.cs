using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>
/// A ResourceFlavor of Kueue (kueue.x-k8s.io): labels and taints of nodes, which need not exist. A flavor has no size of its own; quotas of queues bound
/// what runs, not what there is.
/// </summary>
internal static class KueueFlavor
{
    /// <summary>A flavor says nothing of resources: its labels tell by which its nodes offer GPUs.</summary>
    private static readonly string[] Resources = [GpuResources.Nvidia, GpuResources.Amd];

    /// <summary>Null for a flavor without labels, or one of nodes of which nothing says that they have GPUs.</summary>
    public static NodeTemplate? Read(JsonObject manifest)
    {
        if (manifest.Text("metadata", "name") is not { } name || manifest["spec"] is not JsonObject spec)
            return null;
        var labels = spec.Texts("nodeLabels");
        if (labels.Count == 0 || Resources.Select(resource => new TemplateNode(labels, resource, Count(labels))).FirstOrDefault(TemplatePool.IsOfGpus) is not { } node)
            return null;
        return new NodeTemplate
        {
            Name = TemplatePool.NameBy(labels) ?? NodePoolName.AsName(name),
            Origin = $"Kueue ResourceFlavor {name}",
            Selector = labels,
            Taints = spec.Taints("nodeTaints"),
            Nodes = [node],
        };
    }

    private static int? Count(Dictionary<string, string> labels) =>
        labels.TryGetValue($"{GpuResources.Nvidia}.count", out var said) && int.TryParse(said, CultureInfo.InvariantCulture, out var count) && count > 0 ? count
        : labels.TryGetValue("node.kubernetes.io/instance-type", out var type) && InstanceTypes.TryFind(type, out var known) ? known.Gpus
        : null;
}
