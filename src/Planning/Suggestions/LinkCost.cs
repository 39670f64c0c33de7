namespace GpuMem.Planning.Suggestions;

/// <summary>What a tensor parallel group costs depends on the link between the GPUs of the pool that a suggestion leads to.</summary>
internal static class LinkCost
{
    /// <param name="cost">What the other changes cost, in words; null when next to nothing.</param>
    /// <param name="paths">The fields that are set.</param>
    /// <param name="tensor">The size of the group.</param>
    /// <param name="pool">Where it leads to.</param>
    public static string? Of(string? cost, IEnumerable<string> paths, int tensor, Pool pool)
    {
        if (!paths.Any(path => path is "tensor" or "parallelism.tensor") || tensor == 1)
            return cost;
        var exchange = pool.NvLinkGroup >= tensor ? "the GPUs of a node exchange every layer" : "the GPUs of a node exchange every layer, here over PCIe";
        return cost is null ? exchange : $"{cost}; {exchange}";
    }
}
