namespace GpuMem.Serving;

/// <summary>
/// vLLM's cache of a model whose layers compress what they keep (DeepSeek V4): one pool of blocks, each with a page of every size for as many layers as its
/// largest group has, whichever group takes it. A sequence takes blocks of compressed entries by its length, and blocks of windows for all tokens of one pass:
/// those of attention, and those of the compressors' states, which are given out by the token and not by what they make of it (vllm/v1/core/kv_cache_utils.py,
/// _get_kv_cache_groups_uniform_groups; vllm/models/deepseek_v4/compressor.py, CompressorStateCache; vllm-project/vllm#44376).
/// </summary>
internal sealed class CompressedPages
{
    // Tokens of a block of compressed entries, and of one of windows (vllm/v1/attention/backends/mla/sparse_swa.py).
    private const int BlockTokens = 256;
    private const int WindowTokens = 64;

    // Tokens of a block of states: of the layers that compress the least, and of the others.
    private const int FewestTogether = 4;
    private const int StateTokens = 4;
    private const int OtherStateTokens = 8;

    // FlashMLA's pages are multiples of it.
    private const int Alignment = 576;

    private readonly InferenceSpec _spec;
    private readonly long _block;
    private readonly List<(long Groups, long Window, int Tokens)> _windows = [];

    private CompressedPages(CachedLayers[] layers, InferenceSpec spec)
    {
        _spec = spec;
        var pages = layers.Where(IsCompressed).ToLookup(Page, group => group.Count);
        var entries = pages.Max(size => size.Sum());
        var kinds = Windows(layers).ToList();
        var most = Together(kinds.Select(kind => kind.Layers).Prepend(entries).ToList(), entries);
        var slots = entries;
        foreach (var (count, window, tokens) in kinds)
        {
            var groups = Ratio.DivideUp(count, most);
            slots = Math.Max(slots, Ratio.DivideUp(count, groups));
            _windows.Add((groups, window, tokens));
        }

        _block = checked(slots * pages.Sum(size => size.Key));
    }

    /// <returns>Null of models and engines that have no such pool.</returns>
    public static CompressedPages? Of(CachedLayers[] layers, InferenceSpec spec) =>
        spec.RunsVllm && Array.Exists(layers, IsCompressed) ? new CompressedPages(layers, spec) : null;

    /// <summary>Bytes of one sequence of so many tokens.</summary>
    public long OfSequence(long tokens)
    {
        checked
        {
            var blocks = Ratio.DivideUp(tokens, BlockTokens);
            foreach (var (groups, window, each) in _windows)
                blocks += groups * (Ratio.DivideUp(Math.Min(window - 1 + _spec.MaxBatchedTokens, tokens), each) + 1);
            return blocks * _block;
        }
    }

    private static bool IsCompressed(CachedLayers group) => group.TokensPerEntry > 1;

    private static long Page(CachedLayers group) => Pages.RoundUp(group.PerEntry * Math.Max(1, BlockTokens / group.TokensPerEntry), Alignment);

    /// <summary>Layers whose cache has a window: attention's own, and the states of compressors, whose windows overlap where there are entries of two.</summary>
    private static IEnumerable<(long Layers, long Window, int Tokens)> Windows(CachedLayers[] layers)
    {
        foreach (var attention in layers.Where(group => group.Window is not null).GroupBy(group => group.Window!.Value))
            yield return (attention.Sum(group => group.Count), attention.Key, WindowTokens);
        foreach (var states in layers.Where(IsCompressed).GroupBy(group => group.TokensPerEntry))
            yield return (states.Max(group => group.Count), states.Key * (states.Any(group => group.State > 0) ? 2 : 1), states.Key <= FewestTogether ? StateTokens : OtherStateTokens);
    }

    /// <summary>Layers of one group: as many as leave the fewest places of all groups empty, and no fewer than those with compressed entries (_approximate_gcd).</summary>
    private static long Together(List<long> counts, long least)
    {
        var (best, fewest) = (least, long.MaxValue);
        for (var size = least; size <= counts.Max(); size++)
        {
            var empty = counts.Sum(count => (size - (count % size)) % size);
            if (empty <= fewest)
                (best, fewest) = (size, empty);
        }

        return best;
    }
}
