using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Models;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>DeepSeek V4: one key and value for all heads in a window, compressed entries of all that came before, several residual streams.</summary>
internal static class DeepSeekV4
{
    public static readonly ModelType Type = new()
    {
        Layer = [Attention, Experts(shared: SharedByCount("n_shared_experts")), Norms(2), Streams, Streams],
        End = [Norms(1), MergedStreams],
        KindOf = s => s.At("layer_types") ?? (s.Fields.Numbers("compress_ratios") is { } ratios && s.Index < ratios.Count ? ratios[s.Index] switch { 0 => "sliding_attention", < 16 => Sparse, _ => Heavy } : null),
    };

    private const string Sparse = "compressed_sparse_attention";
    private const string Heavy = "heavily_compressed_attention";

    private static void Attention(LayerScope scope, PartCount count)
    {
        var (queries, width, groups, narrow) = (scope.Need("q_lora_rank"), scope.HeadDimension, scope.Need("o_groups"), scope.Need("o_lora_rank"));
        count.Whole(scope.Hidden, queries);
        count.Vector(queries + width + scope.Heads);
        count.Matrix(queries, Times(scope.Heads, width));
        count.Whole(scope.Hidden, width);
        count.Matrix(Times(groups, narrow), groups == 0 ? 0 : Times(scope.Heads, width) / groups);
        count.Matrix(Times(groups, narrow), scope.Hidden);
        count.Cache(new LayerCache { Elements = width, Window = scope.Fields.Number("sliding_window"), Expanded = scope.Kind is Sparse or Heavy ? width : 2 * width, PackedBytes = Packed(scope, width) });
        if (scope.Kind is not (Sparse or Heavy))
            return;
        var sparse = scope.Kind == Sparse;
        var rate = Math.Max(1, scope.Fields.Nested("compress_rates")?.Number(scope.Kind) ?? (sparse ? 4 : 128));
        Compressor(scope, count, sparse ? 2 * width : width, rate, new LayerCache { Elements = width, PackedBytes = Packed(scope, width) });
        if (!sparse)
            return;
        var (heads, index) = (scope.Need("index_n_heads"), scope.Need("index_head_dim"));
        Compressor(scope, count, 2 * index, rate, Attentions.Key(index));
        count.Whole(queries, Times(heads, index));
        count.Plain(scope.Hidden, heads);
    }

    /// <summary>Makes one entry of so many tokens; in bf16 beside an FP8 quantisation (sglang/srt/layers/attention/dsv4/compressor.py, wkv_gate).</summary>
    private static void Compressor(LayerScope scope, PartCount count, long inner, long rate, LayerCache cache)
    {
        var entry = cache.Elements;
        count.Plain(scope.Hidden, inner, 2);
        count.Vector(Times(rate, inner) + entry);
        count.Cache(cache with { TokensPerEntry = LayerScope.Int(rate), State = inner > entry ? Times(2 * rate, entry) : 0 });
    }

    /// <summary>As vLLM packs an entry: a byte for each element and one scale byte for 64 of them, in eights; the rotary part in 16 bits (584 B of 512 elements).</summary>
    private static long Packed(LayerScope scope, long width)
    {
        var rotary = Math.Min(width, scope.Fields.Number("qk_rope_head_dim") ?? 64);
        return width - rotary + Recurrences.RoundUp(Recurrences.RoundUp(width - rotary, 64) / 64, 8) + (2 * rotary);
    }

    /// <summary>How a branch reads its input from the streams and adds its result to them (arXiv 2409.19606).</summary>
    private static void Streams(LayerScope scope, PartCount count)
    {
        var streams = scope.Need("hc_mult");
        var mixed = Times(streams, streams + 2);
        count.Plain(mixed, Times(streams, scope.Hidden));
        count.Vector(mixed + 3);
    }

    private static void MergedStreams(LayerScope scope, PartCount count)
    {
        var streams = scope.Need("hc_mult");
        count.Whole(streams, Times(streams, scope.Hidden));
        count.Vector(streams + 1);
    }
}
