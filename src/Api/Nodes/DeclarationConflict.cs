using GpuMem.Api.GpuPools;
using GpuMem.Catalogues.Gpus;

namespace GpuMem.Api.Nodes;

/// <summary>What an administrator declared and the nodes do not agree with. The declaration counts all the same: who wrote it may know better.</summary>
internal static class DeclarationConflict
{
    /// <summary>Null when there is none.</summary>
    /// <param name="spec">What is declared.</param>
    /// <param name="declared">The GPU of <c>spec.product</c>; null when there is none, or it is not in the catalogue.</param>
    /// <param name="nodes">Nodes of the pool.</param>
    public static string? Of(GpuPoolSpec spec, GpuModel? declared, List<GpuNode> nodes)
    {
        foreach (var node in nodes)
        {
            if (declared is not null && GpuCatalogue.TryFind(node.Product, out var model) && model.Name != declared.Name)
                return $"spec.product is {spec.Product}; node {node.Name} has {node.Product}";
            if (spec.GpusPerNode is { } gpus && gpus != node.Gpus)
                return $"spec.gpusPerNode is {gpus}; node {node.Name} has {node.Gpus}";
            if (spec.ResourceName is { } resource && resource != node.ResourceName)
                return $"spec.resourceName is {resource}; node {node.Name} offers {node.ResourceName}";
            // What a process gets is a little less than what is declared: what the driver reports.
            if (spec.MemoryPerGPU is { } memory && node.LargestMemory is { } most && most.Value < memory.ToInt64() / 10 * 9)
                return $"spec.memoryPerGPU is {memory}; a process on node {node.Name} gets {most} at the most";
        }
        return null;
    }
}
