using GpuMem.Serving.Engines;

namespace GpuMem.Serving;

/// <summary>Layers of one rank that keep the same of each sequence.</summary>
/// <param name="Count">How many they are.</param>
/// <param name="PerEntry">Bytes of one entry of one layer.</param>
/// <param name="TokensPerEntry">Tokens that share an entry.</param>
/// <param name="Window">Tokens beyond which the oldest are dropped; null when all are kept.</param>
/// <param name="State">Bytes of one layer for a sequence, however long it is.</param>
internal readonly record struct CachedLayers(long Count, long PerEntry, int TokensPerEntry, long? Window, long State)
{
    /// <summary>Layers that a sequence takes room for, with those that only fill up a group, see <see cref="LayerGroups"/>; 0 where there are none of these.</summary>
    public long Places { get; private init; }

    /// <summary>The groups of layers of a model that is counted layer by layer.</summary>
    public static CachedLayers[] Of(ModelParts parts, in ServedRank rank)
    {
        var (groups, packs) = (new List<CachedLayers>(), PacksNarrow(parts, rank.Spec));

        // SGLang's pools have a place for each layer, also for those that read another's (sglang/srt/mem_cache/swa_memory_pool.py).
        var keepsShared = rank.Spec.Engine == InferenceEngine.SGLang;
        for (var index = rank.Stage.Start; index < rank.Stage.Start + rank.Stage.Layers; index++)
        {
            foreach (var cache in parts.Layers[(int)index].Caches.Where(cache => keepsShared || !cache.IsShared))
                Add(groups, Of(cache, rank.Spec, packs));
        }

        if (rank.Spec.PredictionModules && rank.Stage.IsLast)
            AddPredictionModules(groups, parts, rank, packs);
        return [.. groups];
    }

    /// <summary>
    /// Modules for further tokens attend as the last layer does that sees the whole sequence (vllm/model_executor/models/qwen3_next_mtp.py: their
    /// layer_type is full_attention whatever the model's own layers are).
    /// </summary>
    private static void AddPredictionModules(List<CachedLayers> groups, ModelParts parts, in ServedRank rank, bool packs)
    {
        var spec = rank.Spec.Engine == InferenceEngine.LlamaCpp ? LlamaCpp.Drafting(rank.Spec) : rank.Spec;
        var last = parts.Layers.LastOrDefault(layer => layer.Caches.Any(SeesAll));
        for (var module = 0; last is not null && module < rank.Model.PredictionModules; module++)
        {
            foreach (var cache in last.Caches.Where(SeesAll))
                Add(groups, Of(cache, spec, packs));
        }
    }

    private static bool SeesAll(LayerCache cache) => cache is { Elements: > 0, Window: null, TokensPerEntry: 1, IsShared: false };

    /// <summary>Where states lie in pages of attention, a state takes whole ones.</summary>
    /// <param name="groups">Layers of one rank.</param>
    /// <param name="spec">What is served.</param>
    /// <param name="page">Tokens per page.</param>
    public static void Page(CachedLayers[] groups, InferenceSpec spec, out long page)
    {
        var (state, width) = (0L, 0L);
        foreach (var group in groups)
            (state, width) = (Math.Max(state, group.State), Math.Max(width, group.TokensPerEntry == 1 ? group.PerEntry : 0));
        page = Pages.SizeBeside(state, width, spec);
        var whole = LayerGroups.Size(spec, groups.Select(group => (group.Count, IsAlike: group is { Window: null, State: 0 })));
        foreach (ref var group in groups.AsSpan())
            group = group with { State = Pages.OfState(group.State, checked(page * width), spec), Places = Pages.RoundUp(group.Count, whole) };
    }

    /// <summary>
    /// Latent vectors in vLLM's packed layout: asked for by name, or in 8 bits where attention is sparse, whose kernels read no other (vllm
    /// v1/attention/backends/mla/flashmla_sparse.py; sglang/srt/mem_cache/memory_pool.py, nsa_kv_cache_store_fp8: of GLM-5 its log says 61,463 B of a token in
    /// 78 layers).
    /// </summary>
    private static bool PacksNarrow(ModelParts parts, InferenceSpec spec) => spec.KvCacheDtype == KeyValueCacheType.FP8DeepSeek
        || (spec.KvCacheDtype == KeyValueCacheType.FP8 && (spec.RunsVllm || spec.Engine == InferenceEngine.SGLang) && parts.Layers.Any(layer => layer.Caches.Any(cache => cache.IsAlwaysPacked)));

    /// <summary>Bytes of all of them for one sequence with room for so many tokens, in pages of so many.</summary>
    public long OfSequence(long tokens, long page, InferenceSpec spec)
    {
        checked
        {
            var entries = Ratio.DivideUp(Window is { } window ? Pages.OfWindow(tokens, window, spec) : Pages.RoundUp(Ratio.DivideUp(tokens, spec.DecodeContext), page), TokensPerEntry);
            return Math.Max(Count, Places) * ((PerEntry * entries) + State);
        }
    }

    /// <summary>
    /// Inputs of a convolution beyond those before the token at hand, which engines keep: vLLM those of tokens that may yet be rejected
    /// (vllm/model_executor/layers/mamba/mamba_utils.py, num_spec), transformers rolls a buffer of the whole kernel.
    /// </summary>
    public static long RolledTokens(InferenceSpec spec, long channels) =>
        spec.RunsVllm ? checked(channels * spec.Proposed) : spec.Engine == InferenceEngine.HuggingFace ? channels : 0;

    private static CachedLayers Of(in LayerCache cache, InferenceSpec spec, bool packs)
    {
        checked
        {
            // transformers caches latent keys and values of every head; heads that do not suffice are repeated.
            var elements = spec.Engine == InferenceEngine.HuggingFace && cache.Expanded > 0 ? cache.Expanded : cache.Elements;
            var here = cache.Heads == 0 ? elements : elements / cache.Heads * Ratio.DivideUp(cache.Heads, spec.Tensor);
            var convolution = (cache.Channels * Math.Max(0, cache.Kernel - 1)) + RolledTokens(spec, cache.Channels);
            var (narrow, wide) = spec.Engine != InferenceEngine.HuggingFace && (spec.StateType is { } type ? type == DataType.FP32 : cache.StateIsWide)
                ? (convolution, cache.State + cache.WideState)
                : (convolution + cache.State, cache.WideState);
            if (spec.Engine == InferenceEngine.LlamaCpp)
                (narrow, wide) = (0, LlamaCpp.States(spec) * (narrow + wide));
            var state = ElementSizes.Of(spec.Weights).Of(Ratio.DivideUp(narrow, spec.Tensor)) + (sizeof(float) * Ratio.DivideUp(wide, spec.Tensor));
            var entry = cache.PackedBytes > 0 && (packs || (cache.IsAlwaysPacked && spec.Engine != InferenceEngine.HuggingFace)) ? cache.PackedBytes
                : spec.ValueCacheDtype is { } values ? ElementSizes.Of(spec.KvCacheDtype).Of(here - (here / 2)) + ElementSizes.Of(values).Of(here / 2)
                : ElementSizes.Of(spec.KvCacheDtype).Of(here);
            return new(1, entry, cache.TokensPerEntry, spec.Engine == InferenceEngine.HuggingFace && cache.TransformersIgnoresWindow ? null : cache.Window, state);
        }
    }

    private static void Add(List<CachedLayers> groups, CachedLayers one)
    {
        for (var i = 0; i < groups.Count; i++)
        {
            if (groups[i] with { Count = 1 } == one)
            {
                groups[i] = groups[i] with { Count = groups[i].Count + 1 };
                return;
            }
        }

        groups.Add(one);
    }
}
