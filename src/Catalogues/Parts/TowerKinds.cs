using static GpuMem.Catalogues.Parts.Connectors;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>The table of towers, by the <c>model_type</c> that their own configuration states inside the model's.</summary>
internal static class TowerKinds
{
    /// <summary>CLIP's picture tower (arXiv 2103.00020).</summary>
    public static readonly Part[] Clip = [Patches(bias: false), PatchPositions(1), Token, Norms(2, bias: true), Blocks()];

    /// <summary>BLIP's (arXiv 2201.12086).</summary>
    public static readonly Part[] Blip = [Patches(), PatchPositions(1), Token, Norms(1, bias: true), Blocks(bias: s => s.Is("qkv_bias", true), outputBias: Always, innerBias: Always)];

    /// <summary>Pixtral's: rotary positions, no biases (arXiv 2410.07073).</summary>
    public static readonly Part[] Pixtral = [Patches(bias: false), Norms(1), Blocks(bias: Never, normBias: false, gated: true)];

    /// <summary>InternVL's: a scale of each branch's result (arXiv 2312.14238).</summary>
    public static readonly Part[] InternVl =
    [
        Patches(), Token, Vector(s => s.Is("use_mask_token") ? s.Hidden : 0), Vector(s => s.Is("use_mean_pooling", true) ? 0 : 2 * s.Hidden),
        Table(s => s.Is("use_absolute_position_embeddings", true) ? PatchesOfPicture(s) + 1 : 0),
        Blocks(bias: s => s.Is("attention_bias"), outputBias: Always, innerBias: Always, extra: s => (s.Is("use_qk_norm") ? 4 : 2) * s.Hidden),
        Vector(s => s.Fields.Text("norm_type") == "rms_norm" ? -2 * Times(s.Layers, s.Hidden) : 0),
    ];

    /// <summary>Qwen2-VL's: rotary positions, patches of two pictures of a film (arXiv 2409.12191).</summary>
    public static readonly Part[] Qwen2 = [Patches(bias: false, frames: Frames), Blocks(), Merger()];

    /// <summary>Qwen2.5-VL's: as a language model's layers, most of which attend within windows (arXiv 2502.13923).</summary>
    public static readonly Part[] Qwen25 = [Patches(bias: false, frames: Frames), Blocks(gated: true, normBias: false), Merger(normBias: false)];

    /// <summary>Qwen3-VL's: learned positions that are interpolated, and a merger of its own for each layer that speaks to the text's first layers (arXiv 2511.21631).</summary>
    public static readonly Part[] Qwen3 =
    [
        Patches(frames: Frames), Table(s => s.Or0("num_position_embeddings")), Blocks(), Merger(),
        (s, c) =>
        {
            foreach (var _ in s.Fields.Numbers("deepstack_visual_indexes") ?? [])
                Merger(wideNorm: true)(s, c);
        },
    ];

    /// <summary>GLM-4.1V's (arXiv 2507.01006).</summary>
    public static readonly Part[] Glm =
    [
        Patches(frames: Frames), PatchPositions(), Norms(2),
        Blocks(bias: s => s.Is("attention_bias"), outputBias: Never, innerBias: Never, normBias: false, gated: true, width: s => s.Need("out_hidden_size")), GatedMerger(s => s.Need("intermediate_size")),
    ];

    public static readonly Part[] GlmOcr =
    [
        Patches(frames: Frames), Norms(1),
        Blocks(bias: s => s.Is("attention_bias", true), normBias: false, gated: true, extra: s => 2 * s.HeadDimension), GatedMerger(s => Times(s.Need("out_hidden_size"), Channels(s))),
    ];

    /// <summary>Layers within windows and a few without, with relative positions of both sides; a narrow picture comes out (Segment Anything, arXiv 2304.02643).</summary>
    public static readonly Part[] Sam =
    [
        Patches(), Table(s => s.Is("use_abs_pos", true) ? PatchesOfPicture(s) : 0), Blocks(bias: s => s.Is("qkv_bias", true), outputBias: Always, innerBias: Always), RelativePositions, SamNeck,
    ];

    /// <summary>Patches of any number in rows and columns, each of which has a learned position (Pix2Struct, arXiv 2210.03347).</summary>
    private static readonly Part[] RowsAndColumns =
    [
        Linear(s => s.Need("patch_embed_hidden_size"), s => s.Hidden), Table(s => 2 * s.Need("seq_len", "max_num_patches")), Norms(1), Blocks(bias: Never, normBias: false, gated: true),
    ];

    /// <summary>ViT (arXiv 2010.11929) with the layer that its class token passes.</summary>
    private static readonly Part[] Vit = [.. Blip, Linear(s => s.Hidden, s => s.Hidden)];

    /// <summary>Gemma 4's: a learned position for rows and one for columns, four norms in each layer.</summary>
    private static readonly Part[] Gemma4 =
    [
        Patches(bias: false), Table(s => 2 * s.Need("position_embedding_size")), Blocks(bias: Never, normBias: false, gated: true, norms: 4, extra: s => 2 * s.HeadDimension),
    ];

    /// <summary>Gemma 4 without a tower: one layer over the pixels of a patch.</summary>
    private static readonly Part[] Gemma4Unified =
    [
        (s, c) =>
        {
            var side = Times(s.Need("patch_size"), s.Need("pooling_kernel_size"));
            var (patch, width) = (Times(3, side, side), s.Need("mm_embed_dim"));
            c.Matrix(patch, width);
            c.Table(2 * s.Need("mm_posemb_size"), width);
            c.Vector((2 * patch) + (5 * width));
        },
    ];

    private static readonly Part[] Llama4 =
    [
        Patches(bias: false), PatchPositions(1), Token, Norms(2, bias: true), Blocks(),
        Matrix(s => s.Need("intermediate_size"), s => s.Need("projector_input_dim")), Matrix(s => s.Need("projector_output_dim"), s => s.Need("projector_output_dim")),
    ];

    /// <summary>Llama 3.2's: tiles of a picture in one of several shapes, positions of both, and further layers behind gates (arXiv 2407.21783, section 7).</summary>
    private static readonly Part[] Mllama =
    [
        Patches(bias: false), PatchPositions(1), Token, Norms(2, bias: true), Vector(_ => 3),
        Table(s => TileShapes(s) + 1, s => Times(s.Need("max_num_tiles"), (PatchesOfPicture(s) + 1 + 2) * s.Hidden)),
        Blocks(bias: Never, innerBias: Always), Blocks(bias: Never, innerBias: Always, extra: _ => 2, layers: s => s.Or0("num_global_layers")),
    ];

    /// <summary>Ovis 2's: the tower picks a mixture of vectors out of a table (arXiv 2405.20797).</summary>
    public static readonly Part[] Ovis2 =
    [
        Patches(), PatchPositions(), Norms(2), Blocks(bias: s => s.Is("qkv_bias"), innerBias: s => s.Is("mlp_bias"), normBias: false, gated: true),
        (s, c) =>
        {
            var (codes, side) = (s.Need("vocab_size") - s.Or0("num_visual_indicator_tokens"), s.Fields.Number("hidden_stride") ?? 1);
            c.Matrix(codes, Times(s.Hidden, side, side));
            c.Vector(2 * codes);
        },
    ];

    /// <summary>MiniCPM-V 4.6's: SigLIP's, and between two of its layers one that joins patches of a window.</summary>
    private static readonly Part[] MiniCpm =
    [
        .. Siglip(PatchPositions(), head: false), Attention(s => s.Hidden), Norms(1, bias: true), Norm(Window), TwoLayers(Window, s => s.Hidden, inner: s => Times(s.Need("intermediate_size"), Area(s, "window_kernel_size"))),
    ];

    private static readonly Dictionary<string, Part[]> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["clip_vision_model"] = Clip,
        ["git_vision_model"] = Clip,
        ["kosmos_2_vision_model"] = Clip,
        ["idefics_vision"] = Clip,
        ["siglip_vision_model"] = Siglip(PatchPositions()),
        ["siglip2_vision_model"] = Siglip(Table(s => s.Need("num_patches"))),
        ["idefics2_vision"] = Siglip(PatchPositions(), head: false),
        ["idefics3_vision"] = Siglip(PatchPositions(), head: false),
        ["smolvlm_vision"] = Siglip(PatchPositions(), head: false),
        ["paddleocr_vl_vision"] = Siglip(PatchPositions(), head: false),
        ["video_llama_3_vision"] = Siglip(Norms(0), head: false),
        ["phi4_multimodal_vision"] = Siglip(PatchPositions()),
        ["blip_vision_model"] = Blip,
        ["blip_2_vision_model"] = Blip,
        ["instructblip_vision_model"] = Blip,
        ["instructblipvideo_vision_model"] = Blip,
        ["vit"] = Vit,
        ["janus_vision_model"] =
        [
            Patches(), PatchPositions(), Norms(1, bias: true),
            Blocks(bias: s => s.Is("attention_bias", true), outputBias: Always, innerBias: Always, extra: s => s.Is("use_qk_norm") ? 4 * s.Hidden : 0),
        ],
        ["minicpmv4_6_vision"] = MiniCpm,
        ["sam_vision_model"] = Sam,
        ["pix2struct_vision_model"] = RowsAndColumns,
        ["kosmos_2_5_vision_model"] = RowsAndColumns,
        ["gemma4_vision"] = Gemma4,
        ["gemma4_unified_vision"] = Gemma4Unified,
        ["gemma4_audio"] = SoundTowers.Gemma4,
        ["llama4_vision_model"] = Llama4,
        ["mllama_vision_model"] = Mllama,
        ["ernie4_5_vl_moe_vision"] = [Patches(bias: false), Norms(1, bias: true), Blocks()],
        ["minimax_m3_vl_vision"] = [Patches(bias: false, frames: Frames), Norms(1, bias: true), Blocks()],
        ["phi4_multimodal_audio"] = SoundTowers.Phi4,
        ["qwen2_5_omni_audio_encoder"] = SoundTowers.Qwen25Omni,
        ["qwen3_omni_moe_audio_encoder"] = SoundTowers.Qwen3Omni,
        ["pixtral"] = Pixtral,
        ["internvl_vision"] = InternVl,
        ["qianfan_ocr_vision"] = InternVl,
    };

    /// <summary>SigLIP's (arXiv 2303.15343), with its pooling head unless <paramref name="head"/> or the file says otherwise.</summary>
    public static Part[] Siglip(Part positions, bool head = true) =>
    [
        Patches(), positions, Norms(1, bias: true), Blocks(),
        (s, c) =>
        {
            if (head && s.Is("vision_use_head", true))
                Pooling(s, c);
        },
    ];

    /// <summary>Florence-2's (DaViT, arXiv 2204.03645): levels of growing width, in each of which patches of a window attend to one another, then channels do.</summary>
    public static void Florence(LayerScope scope, PartCount count)
    {
        var fields = scope.Fields;
        if ((fields.Numbers("embed_dim"), fields.Numbers("depths"), fields.Numbers("patch_size")) is not ({ } widths, { } depths, { } sides)
            || widths.Count != depths.Count || sides.Count != depths.Count)
            throw fields.Refusal("embed_dim, depths and patch_size are not lists of one number for each level; the tower cannot be sized without them");
        for (var level = 0; level < widths.Count; level++)
        {
            var (width, from) = (widths[level], level == 0 ? Channels(scope) : widths[level - 1]);
            Convolution(count, from, width, area: Times(sides[level], sides[level]));
            count.Vector(2 * (level == 0 ? width : from));
            var inner = (long)(width * (fields.Fraction("mlp_ratio") ?? 4));
            var qkv = scope.Is("qkv_bias", true) ? 3 * width : 0;
            count.Matrix(width, (4 * width) + (2 * inner), 2 * depths[level]);
            count.Vector(Times(2 * depths[level], qkv + (26 * width) + inner));
        }
    }

    /// <summary>Null for a kind that is not known here.</summary>
    public static Part[]? Find(string? modelType) => modelType is not null && Kinds.TryGetValue(modelType, out var parts) ? parts : null;

    private static long Window(LayerScope scope) => Times(scope.Hidden, Area(scope, "window_kernel_size"));

    /// <summary>Rectangles of at most so many tiles.</summary>
    private static long TileShapes(LayerScope scope)
    {
        var tiles = Math.Min(scope.Need("max_num_tiles"), ModelLimits.MaxLayers);
        var shapes = 0L;
        for (var across = 1; across <= tiles; across++)
            shapes += tiles / across;
        return shapes;
    }

    private static void RelativePositions(LayerScope scope, PartCount count)
    {
        if (!scope.Is("use_rel_pos", true))
            return;
        var global = scope.Fields.Numbers("global_attn_indexes")?.Count ?? 0;
        var (window, side) = (scope.Need("window_size"), scope.Need("image_size") / Math.Max(1, scope.Need("patch_size")));
        count.Vector(Times(2 * scope.HeadDimension, Times(scope.Layers - global, (2 * window) - 1) + Times(global, (2 * side) - 1)));
    }

    /// <summary>What narrows SAM's picture, and norms it twice.</summary>
    public static void SamNeck(LayerScope scope, PartCount count)
    {
        var narrow = scope.Need("output_channels");
        count.Matrix(scope.Hidden, narrow);
        Convolution(count, narrow, narrow, bias: false);
        count.Vector(4 * narrow);
    }
}
