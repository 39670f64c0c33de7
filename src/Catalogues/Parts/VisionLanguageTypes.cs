using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>Language models that are only there beside a tower for pictures.</summary>
internal static class VisionLanguageTypes
{
    private static readonly Part[] KosmosLayer = [Grouped(bias: Always), Plain(bias: Always), Norms(2, bias: true), Vector(s => 2 * s.Need("ffn_dim"))];

    private static readonly ModelType Kosmos = Gpt with { Layer = KosmosLayer, Layers = f => f.RequiredNumber("layers", "num_hidden_layers") };

    private static readonly ModelType Gemma3 = Llama with { Layer = [Grouped(norm: PerHead), Gated(), Norms(4)], Tied = true };

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["granite4_vision_text"] = Llama,
        ["deepseek_ocr2_text"] = Llama with { Layer = [Grouped(), DenseOr(Leading("first_k_dense_replace"), Experts(shared: SharedByCount("n_shared_experts"))), Norms(2)] },
        ["chameleon"] = Llama with { Layer = [Grouped(norm: s => (2 * FullWidth(s).Query, 2 * FullWidth(s).Key)), Gated(), Norms(2)] },
        ["t5gemma2_text"] = Gemma3,
        ["t5gemma2_decoder"] = Gemma3 with { Start = [Vector(s => s.Hidden)] },
        ["kosmos_2_text_model"] = Kosmos with { Layer = [.. KosmosLayer, Norms(1, bias: true)] },
        ["kosmos_2_5_text_model"] = Kosmos with { Start = [Table(_ => 2)] },
        ["blip_text_model"] = Gpt with
        {
            // BERT that reads a picture.
            Start = [Positions(), Norms(1, bias: true)],
            Layer = [Grouped(bias: Always), PictureAttention(s => s.Need("encoder_hidden_size"), bias: true), Plain(bias: Always), Norms(3, bias: true)],
            End = [Whole(s => s.Hidden, s => s.Hidden), Vector(s => s.Hidden), Norms(1, bias: true), HeadBias()],
        },
        ["idefics"] = Llama with
        {
            // Every so many layers, one that reads the picture behind two gates (Flamingo, arXiv 2204.14198).
            Layer = [Grouped(), Gated(), Norms(2), GatedPictureLayer],
            Start = [Table(s => s.Or0("additional_vocab_size"))],
            End = [Norms(1), Matrix(s => s.Or0("additional_vocab_size"), s => s.Hidden)],
        },
        ["ernie4_5_vl_moe_text"] = Llama with
        {
            Layer = [Grouped(bias: s => s.Is("use_bias")), DenseOr(ErnieIsDense, ErnieExperts, Gated(bias: s => s.Is("use_bias"))), Norms(2)], Tied = true,
        },
        ["diffusion_gemma_text"] = Llama with
        {
            // A text is written all at once, over and over: what was written last is read through a feed-forward of its own.
            Layer = [DiffusionAttention, Gated(), Experts(experts: s => s.Need("num_experts")), Vector(s => s.Hidden + s.Need("num_experts")), Norms(7)],
            End = [Norms(2), Matrix(s => s.Hidden, s => 3 * s.Need("intermediate_size"))], Tied = true,
        },
        ["pix2struct_text_model"] = Llama with
        {
            Start = [Table(s => s.Need("relative_attention_num_buckets"), s => s.Heads)],
            Layer = [Grouped(bias: Never), Grouped(bias: Never, cross: true), Gated(s => s.Need("d_ff"), Never), Norms(3)],
        },
        ["pp_formulanet"] = Gpt with
        {
            // MBart's decoder (arXiv 2001.08210); the tower is its encoder.
            Start = [Positions(2), Norms(1, bias: true)],
            Layer = [Grouped(bias: Always), Grouped(bias: Always, cross: true), Plain(s => s.Need("decoder_ffn_dim"), Always), Norms(3, bias: true)],
            Layers = f => f.RequiredNumber("decoder_layers"), Tied = false,
        },
        ["udop"] = Llama with
        {
            // T5 whose encoder reads words, where they stand, and patches (arXiv 2212.02623).
            Start = [UdopEncoder, Table(s => s.Need("relative_attention_num_buckets"), s => 3 * (long)s.Heads)],
            Layer = [Grouped(bias: Never), Grouped(bias: Never, cross: true), UdopFeedForward, Norms(3)],
            Layers = f => f.RequiredNumber("num_decoder_layers", "num_layers"), Tied = true,
        },
    };

    private static Part PictureAttention(Func<LayerScope, long> from, bool bias) => (scope, count) =>
    {
        count.Matrix(scope.Hidden, scope.Hidden, 2);
        count.Matrix(from(scope), scope.Hidden, 2);
        count.Vector(4 * scope.Hidden, bias);
    };

    private static void GatedPictureLayer(LayerScope scope, PartCount count)
    {
        if ((scope.Index + 1) % Math.Max(1, scope.Fields.Number("cross_layer_interval") ?? 1) != 0)
            return;
        PictureAttention(s => Connectors.VisionWidth(s), bias: false)(scope, count);
        count.Matrix(scope.Hidden, Width(scope), 3);
        count.Vector((2 * scope.Hidden) + (scope.Fields.Text("alpha_type") == "vector" ? 2 * scope.Hidden : 2) + (scope.Is("qk_layer_norms") ? 2 * scope.HeadDimension : 0));
    }

    private static bool ErnieIsDense(LayerScope scope) => scope.At("mlp_layer_types") is { } kind ? kind == "dense" : scope.Index < Math.Max(1, scope.Or0("moe_layer_start_index"));

    /// <summary>Words have experts and a router of their own, and so have pictures; both pass the shared ones.</summary>
    private static void ErnieExperts(LayerScope scope, PartCount count)
    {
        if (scope.Fields.Numbers("moe_intermediate_size") is not [var words, var pictures])
            throw scope.Fields.Refusal("moe_intermediate_size is not two numbers, one for words and one for pictures; the experts cannot be sized without them");
        var experts = scope.Need("moe_num_experts");
        Experts(experts: _ => experts, width: _ => words, shared: s => Times(s.Or0("moe_num_shared_experts"), words), routerBias: true)(scope, count);
        count.Vector(Times(2 * words, scope.Or0("moe_num_shared_experts")) + scope.Hidden, scope.Is("use_bias") && scope.Or0("moe_num_shared_experts") > 0);
        count.Whole(scope.Hidden, experts);
        count.Vector(experts);
        count.Matrix(scope.Hidden, pictures, 3 * experts);
    }

    /// <summary>Layers that see everything have wider heads, and values that are their keys.</summary>
    private static void DiffusionAttention(LayerScope scope, PartCount count)
    {
        var global = scope.Kind == "full_attention";
        var width = global ? scope.Fields.Number("global_head_dim") ?? scope.HeadDimension : scope.HeadDimension;
        var heads = global ? LayerScope.Int(scope.Fields.Number("num_global_key_value_heads") ?? scope.KeyValueHeads) : scope.KeyValueHeads;
        Grouped(norm: _ => (width, width), keyValueHeads: _ => heads, head: _ => width)(scope, count);
        if (global)
            count.Matrix(scope.Hidden, Times(heads, width), -1);
    }

    private static void UdopFeedForward(LayerScope scope, PartCount count) =>
        count.Matrix(scope.Hidden, scope.Need("d_ff"), scope.Fields.Text("feed_forward_proj")?.StartsWith("gated", StringComparison.Ordinal) == true ? 3 : 2);

    private static void UdopEncoder(LayerScope scope, PartCount count)
    {
        var (layers, width) = (scope.FurtherLayers("num_layers"), Times(scope.Heads, scope.HeadDimension));
        var inner = new PartCount();
        UdopFeedForward(scope, inner);
        count.Matrix(scope.Hidden, width, 4 * layers);
        count.Matrix(inner.Sizes.Total, 1, layers);
        count.Vector(Times((2 * layers) + 1, scope.Hidden));
        count.Table(Times(2, scope.Need("max_2d_position_embeddings")), scope.Hidden);
        count.Table(scope.Need("relative_attention_num_buckets"), 3 * (long)scope.Heads);
        Towers.Patches()(scope, count);
        Towers.Patches()(scope, count);
    }
}
