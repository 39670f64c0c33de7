using System.Text.Json.Nodes;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;

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

    /// <summary>What was declared, with what templates add: one pool of each name.</summary>
    public static IReadOnlyCollection<GpuPool> Merge(IReadOnlyCollection<GpuPool> declared, IEnumerable<NodeTemplate> templates, IReadOnlyCollection<V1Node> nodes)
    {
        var pools = declared.Where(pool => pool.Name() is not null).DistinctBy(pool => pool.Name(), StringComparer.Ordinal).ToDictionary(pool => pool.Name()!, StringComparer.Ordinal);
        var withGpus = nodes.Where(node => GpuNodeReader.Read(node) is not null).ToList();
        foreach (var template in templates)
            if (Declaration(pools.GetValueOrDefault(template.Name), template, withGpus.Exists(node => template.Selects(label => node.GetLabel(label)))) is { } pool)
                pools[template.Name] = pool;
        return [.. pools.Values];
    }

    /// <summary>
    /// What is declared of a pool, with what a template adds: what was declared before wins, field by field. A template that says no size, of nodes that there
    /// are already, adds nothing.
    /// </summary>
    /// <param name="declared">By an administrator, or by another template of the same pool; null where nothing was.</param>
    /// <param name="template">Of that pool.</param>
    /// <param name="hasNodes">There are nodes with GPUs that it selects. Others say nothing of those that it may launch yet.</param>
    internal static GpuPool? Declaration(GpuPool? declared, NodeTemplate template, bool hasNodes)
    {
        if (hasNodes && template is { MostGpus: null, MostNodes: null })
            return declared;
        var pool = TemplatePool.Of(template);

        // Nodes that there are say what they are.
        if (hasNodes)
            (pool.Spec.Product, pool.Spec.GpusPerNode) = (null, null);
        return declared is null ? pool : Both(declared, pool);
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
