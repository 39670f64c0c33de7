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

    /// <summary>Null for a kind that is not known here.</summary>
    public static Part[]? Find(string? modelType) => modelType is not null && Kinds.TryGetValue(modelType, out var parts) ? parts : null;
}
