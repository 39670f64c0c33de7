namespace GpuMem.Serving;

/// <summary>
/// vLLM gives out blocks to groups of layers, all of one kind and all groups of one size: where layers differ (whole sequences, windows, states), kinds are
/// filled up to whole groups with places that nothing uses (vllm/v1/core/kv_cache_utils.py, _get_kv_cache_groups_uniform_page_size; its log says "Add 2
/// padding layers").
/// </summary>
internal static class LayerGroups
{
    /// <summary>Layers of a group; 1 where none are filled up.</summary>
    /// <param name="spec">What is served.</param>
    /// <param name="kinds">Layers of each kind; those that see whole sequences are alike, whatever their widths.</param>
    public static long Size(InferenceSpec spec, IEnumerable<(long Layers, bool IsAlike)> kinds)
    {
        var counted = kinds.Where(kind => kind.Layers > 0).ToList();
        if (spec is not { RunsVllm: true, HybridCache: true, Pipeline: 1 } || counted.Count < 2 || counted.TrueForAll(kind => kind.IsAlike))
            return 1;
        var (least, most) = (counted.Min(kind => kind.Layers), counted.Max(kind => kind.Layers));

        // Counts within a quarter of each other make groups of the largest: gpt-oss with a module for further tokens is 13 and 12.
        return 4 * most < 5 * least ? most : least;
    }
}
