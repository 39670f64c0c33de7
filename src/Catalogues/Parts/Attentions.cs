using GpuMem.Estimation.Models;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>The kinds of attention: their weights, and what they cache for each token.</summary>
internal static class Attentions
{
    /// <summary>Queries, keys, values and an output matrix, each head of keys and values for several of queries.</summary>
    /// <param name="bias">Of queries, keys and values; null for <c>attention_bias</c>.</param>
    /// <param name="outputBias">Of the output matrix; null for as the others.</param>
    /// <param name="norm">Elements of a norm of queries and of one of keys; null without.</param>
    /// <param name="gate">Columns of a further matrix of the hidden size, which gates the result.</param>
    /// <param name="vectors">Further small tensors.</param>
    /// <param name="heads">Query heads; null for the usual fields.</param>
    /// <param name="keyValueHeads">Heads of keys and values; null for the usual fields.</param>
    /// <param name="head">Width of a head; null for the usual fields.</param>
    /// <param name="input">Width of what queries, keys and values are made of; null for the hidden size.</param>
    /// <param name="keysAreValues">One matrix makes both; the cache has both all the same.</param>
    /// <param name="cross">Keys and values are of other tokens than the model writes: an encoder's, a picture's. They do not grow.</param>
    /// <param name="windowIgnored">transformers keeps what its window has passed.</param>
    /// <param name="cached">False where the layer reads the keys and values of another.</param>
    public static Part Grouped(
        Func<LayerScope, bool>? bias = null,
        Func<LayerScope, bool>? outputBias = null,
        Func<LayerScope, (long Query, long Key)>? norm = null,
        Func<LayerScope, long>? gate = null,
        Func<LayerScope, long>? vectors = null,
        Func<LayerScope, int>? heads = null,
        Func<LayerScope, int>? keyValueHeads = null,
        Func<LayerScope, long>? head = null,
        Func<LayerScope, long>? input = null,
        Func<LayerScope, bool>? keysAreValues = null,
        bool cross = false,
        Func<LayerScope, bool>? cached = null,
        Func<LayerScope, bool>? windowIgnored = null) => (scope, count) =>
    {
        var (queryHeads, sharedHeads, width) = (heads?.Invoke(scope) ?? scope.Heads, keyValueHeads?.Invoke(scope) ?? scope.KeyValueHeads, head?.Invoke(scope) ?? scope.HeadDimension);
        var (query, keyValue, from) = (Times(queryHeads, width), Times(sharedHeads, width), input?.Invoke(scope) ?? scope.Hidden);
        var biased = bias?.Invoke(scope) ?? scope.Is("attention_bias");
        count.Matrix(from, query);
        count.Matrix(query, scope.Hidden);
        count.Vector(query, biased);
        count.Vector(scope.Hidden, outputBias?.Invoke(scope) ?? biased);
        if (gate is not null)
            count.Matrix(from, gate(scope));
        if (vectors is not null)
            count.Vector(vectors(scope));
        var norms = norm?.Invoke(scope) ?? default;
        count.Vector(norms.Query);
        if (cached?.Invoke(scope) == false)
        {
            count.Cache(Cache(scope, sharedHeads, width) with { IsShared = true });
            return;
        }

        var made = keysAreValues?.Invoke(scope) == true ? 1 : 2;
        count.Matrix(from, keyValue, made);
        count.Vector(made * keyValue, biased);
        count.Vector(norms.Key);
        if (!cross)
            count.Cache(Cache(scope, sharedHeads, width) with { TransformersIgnoresWindow = windowIgnored?.Invoke(scope) ?? false });
    };

    /// <summary>Keys and values are computed from one narrow vector, which is all that is cached (arXiv 2405.04434, section 2.1).</summary>
    /// <param name="bias">Of the projections to narrow vectors and of the output; null for <c>attention_bias</c>.</param>
    public static Part Latent(Func<LayerScope, bool>? bias = null) => (scope, count) =>
    {
        var (narrow, rotary) = (scope.Need("kv_lora_rank"), scope.Need("qk_rope_head_dim"));
        var (head, value) = (scope.Need("qk_nope_head_dim") + rotary, scope.Need("v_head_dim"));
        var biased = bias?.Invoke(scope) ?? scope.Is("attention_bias");
        if (scope.Or0("q_lora_rank") is > 0 and var queries)
        {
            count.Whole(scope.Hidden, queries);
            count.Vector(queries);
            count.Vector(queries, biased);
            count.Matrix(queries, Times(scope.Heads, head));
        }
        else
        {
            count.Matrix(scope.Hidden, Times(scope.Heads, head));
        }

        count.Whole(scope.Hidden, narrow + rotary);
        count.Vector(narrow);
        count.Vector(narrow + rotary, biased);
        count.Matrix(narrow, Times(scope.Heads, head - rotary + value));
        count.Matrix(Times(scope.Heads, value), scope.Hidden);
        count.Vector(scope.Hidden, biased);
        count.Cache(new LayerCache { Elements = narrow + rotary, Expanded = Times(scope.Heads, head + value), PackedBytes = Packed(narrow, rotary) });
    };

    /// <summary>Chooses the tokens that sparse attention sees: a query of its own, one narrow key for each token, a weight for each head (DeepSeek-V3.2).</summary>
    public static void Indexer(LayerScope scope, PartCount count)
    {
        if (scope.At("indexer_types") is "shared")
            return;
        var (heads, width) = (scope.Need("index_n_heads"), scope.Need("index_head_dim"));
        count.Whole(scope.Need("q_lora_rank"), Times(heads, width));
        count.Whole(scope.Hidden, width);
        count.Vector(2 * width);
        count.Whole(scope.Hidden, heads);
        count.Cache(Key(width));
    }

    /// <summary>The narrow key of an indexer: engines keep it in 8 bits (vllm model_executor/models/deepseek_v2.py, DeepseekV32IndexerCache).</summary>
    public static LayerCache Key(long width) => new() { Elements = width, PackedBytes = Packed(width, rotary: 0), IsAlwaysPacked = true };

    /// <summary>A byte for each element, an fp32 scale for 128 of them, the rotary part in 16 bits (vllm/v1/kv_cache_interface.py, MLAAttentionSpec).</summary>
    private static long Packed(long plain, long rotary) => Plus(Plus(plain, Times(4, (plain / 128) + (plain % 128 > 0 ? 1 : 0))), Times(2, rotary));

    /// <summary>A head's width for queries and for keys.</summary>
    public static (long Query, long Key) PerHead(LayerScope scope) => (scope.HeadDimension, scope.HeadDimension);

    /// <summary>All heads' widths.</summary>
    public static (long Query, long Key) FullWidth(LayerScope scope) => (Times(scope.Heads, scope.HeadDimension), Times(scope.KeyValueHeads, scope.HeadDimension));

    public static LayerCache Cache(LayerScope scope, int heads, long width) => new() { Elements = Times(2 * heads, width), Heads = heads, Window = Window(scope) };

    public static long? Window(LayerScope scope) => scope switch
    {
        { Kind: null } => null,
        { Kind: "chunked_attention" } => scope.Fields.Number("attention_chunk_size"),
        { IsSliding: true } => scope.Fields.Number("sliding_window", "window_size", "attention_window_size", "local_attention"),
        _ => null,
    };
}
