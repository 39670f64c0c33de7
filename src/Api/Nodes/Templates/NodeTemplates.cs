using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;

namespace GpuMem.Api.Nodes.Templates;

/// <summary>Pools that autoscalers and queues tell of, beside those that administrators declared.</summary>
public static class NodeTemplates
{
    /// <summary>Null for other objects, and for templates of nodes without GPUs.</summary>
    public static NodeTemplate? Read(JsonObject manifest) => (Group(manifest), manifest.Text("kind")) switch
    {
        ("karpenter.sh", "NodePool") => KarpenterNodePool.Read(manifest),
        ("kueue.x-k8s.io", "ResourceFlavor") => KueueFlavor.Read(manifest),
        ("cluster.x-k8s.io", "MachineDeployment" or "MachinePool" or "MachineSet") => ClusterApiGroup.Read(manifest),
        _ => null,
    };

    /// <summary>The object is of a kind that is read, whether it tells of GPUs or not.</summary>
    public static bool IsRead(JsonObject manifest) => (Group(manifest), manifest.Text("kind")) is
        ("karpenter.sh", "NodePool") or ("kueue.x-k8s.io", "ResourceFlavor") or ("cluster.x-k8s.io", "MachineDeployment" or "MachinePool" or "MachineSet");

    /// <summary>
    /// What was declared, with what templates add: a declaration of the same name wins, field by field. A template that says no size, of nodes that there
    /// are already, adds nothing.
    /// </summary>
    public static IReadOnlyCollection<GpuPool> Merge(IReadOnlyCollection<GpuPool> declared, IEnumerable<NodeTemplate> templates, IReadOnlyCollection<V1Node> nodes)
    {
        var pools = declared.Where(pool => pool.Name() is not null).DistinctBy(pool => pool.Name(), StringComparer.Ordinal).ToDictionary(pool => pool.Name()!, StringComparer.Ordinal);
        foreach (var template in templates)
        {
            var hasNodes = template.Selector.Count > 0 && nodes.Any(node => template.Selector.All(label => node.GetLabel(label.Key) == label.Value));
            if (hasNodes && template is { MostGpus: null, MostNodes: null })
                continue;
            var pool = TemplatePool.Of(template);

            // Nodes that there are say what they are.
            if (hasNodes)
                (pool.Spec.Product, pool.Spec.GpusPerNode) = (null, null);
            pools[template.Name] = pools.TryGetValue(template.Name, out var own) ? Both(own, pool) : pool;
        }

        return [.. pools.Values];
    }

    private static GpuPool Both(GpuPool declared, GpuPool template)
    {
        var (own, other) = (declared.Spec ?? new GpuPoolSpec(), template.Spec);
        return new GpuPool
        {
            Metadata = declared.Metadata,
            Status = declared.Status,
            Spec = new GpuPoolSpec
            {
                Selector = own.Selector is { Count: > 0 } ? own.Selector : other.Selector,
                Product = own.Product ?? other.Product,
                MemoryPerGPU = own.MemoryPerGPU,
                GpusPerNode = own.GpusPerNode ?? other.GpusPerNode,
                MaxNodes = own.MaxNodes ?? other.MaxNodes,
                ResourceName = own.ResourceName ?? other.ResourceName,
                PricePerGPUHour = own.PricePerGPUHour,
                Taints = own.Taints ?? other.Taints,
            },
        };
    }

    private static string? Group(JsonObject manifest) => manifest.Text("apiVersion") is { } version && version.IndexOf('/') is > 0 and var slash ? version[..slash] : null;
}
