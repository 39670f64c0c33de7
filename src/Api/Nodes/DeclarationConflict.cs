using GpuMem.Api.GpuPools;
using GpuMem.Catalogues.Gpus;
using GpuMem.Estimation;

namespace GpuMem.Api.Nodes;

/// <summary>What an administrator declared and the nodes do not agree with. The declaration counts all the same, for who wrote it may know better; only more memory than there can be is not promised.</summary>
internal static class DeclarationConflict
{
    /// <summary>Null when there is none.</summary>
    /// <param name="spec">What is declared.</param>
    /// <param name="declared">The GPU of <c>spec.product</c>; null when there is none, or it is not in the catalogue.</param>
    /// <param name="nodes">Nodes of the pool.</param>
    public static string? Of(GpuPoolSpec spec, GpuModel? declared, List<GpuNode> nodes)
    {
        if (spec.MemoryPerGPU is { } said && declared is not null && IsMore(said.ToInt64(), declared.LargestMemory))
            return $"spec.memoryPerGPU is {said}; a process on spec.product, {declared.Name}, gets {declared.LargestMemory} at the most";
        foreach (var node in nodes)
        {
            if (declared is not null && GpuCatalogue.TryFind(node.Product, out var model) && model.Name != declared.Name)
                return $"spec.product is {spec.Product}; node {node.Name} has {node.Product}";
            if (spec.GpusPerNode is { } gpus && gpus != node.Gpus)
                return $"spec.gpusPerNode is {gpus}; node {node.Name} has {node.Gpus}";
            if (spec.ResourceName is { } resource && resource != node.ResourceName)
                return $"spec.resourceName is {resource}; node {node.Name} offers {node.ResourceName}";
            if (spec.MemoryPerGPU is { } memory && node.LargestMemory is { } most && IsMore(memory.ToInt64(), most))
                return $"spec.memoryPerGPU is {memory}; a process on node {node.Name} gets {most} at the most";
        }
        return null;
    }

    /// <summary>What a process gets at the most by all that is known but the declaration of its memory; null when nothing is.</summary>
    public static Bytes? Most(GpuModel? declared, List<GpuNode> nodes)
    {
        var ofNodes = nodes.Count == 0 || nodes.Exists(node => node.LargestMemory is null) ? null : nodes.Min(node => node.LargestMemory);
        return declared is null ? ofNodes : ofNodes is { } most ? Bytes.Min(most, declared.LargestMemory) : declared.LargestMemory;
    }

    /// <summary>What a process gets is a little less than what is declared, which is what the driver reports.</summary>
    public static bool IsMore(long declaredBytes, Bytes most) => most.Value < declaredBytes / 10 * 9;
}
