using static GpuMem.Catalogues.Parts.Connectors;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.TowerKinds;
using static GpuMem.Catalogues.Parts.Towers;

namespace GpuMem.Catalogues.Parts;

/// <summary>The table of multimodal <c>model_type</c>s, each with its towers and with what leads from them to the text.</summary>
internal static class TowerTypes
{
    private static readonly Part Picture = Tower("vision_config");

    private static readonly Part GatedProjector = TwoLayers(Joined("downsample_factor"), TextWidth, inner: s => s.Fields.Number("alignment_intermediate_size") ?? TextWidth(s), gated: true);

    /// <summary>Two layers (arXiv 2310.03744).</summary>
    private static readonly TowerType Llava = new() { Parts = [Picture, TwoLayers(LayersTogether("vision_feature_layer"), TextWidth, HasProjectorBias)] };

    /// <summary>With a vector for the end of each row of pictures.</summary>
    private static readonly TowerType LlavaNext = Llava with { Parts = [.. Llava.Parts, Vector(TextWidth)] };

    private static readonly TowerType Qwen3Vl = new() { Parts = [In("vision_config", Qwen3)] };

    private static readonly TowerType Gemma3 = new() { Parts = [Picture, Linear(VisionWidth, TextWidth, bias: false), Norm(VisionWidth, bias: false)] };

    private static readonly TowerType Glm4v = new() { Parts = [In("vision_config", Glm)] };

    /// <summary>Neighbouring patches are joined, and one linear layer follows.</summary>
    private static readonly TowerType Idefics3 = new() { Parts = [Picture, Linear(Joined("scale_factor"), TextWidth, bias: false)] };

    private static readonly TowerType InternVlType = new() { Parts = [Picture, Norm(Shuffled), TwoLayers(Shuffled, TextWidth)] };

    private static readonly TowerType Mistral3 = new()
    {
        Parts =
        [
            Picture, Norm(VisionWidth, bias: false), Linear(Joined("spatial_merge_size"), VisionWidth, bias: false),
            TwoLayers(LayersTogether("vision_feature_layer"), TextWidth, s => s.Is("multimodal_projector_bias")),
        ],
    };

    private static readonly TowerType InstructBlip = new() { Parts = [Picture, In("qformer_config", QFormer(text: true)), Queries, Linear(QueryWidth, TextWidth)] };

    public static readonly Dictionary<string, TowerType> Types = new(StringComparer.OrdinalIgnoreCase)
    {
        ["llava"] = Llava,
        ["llava_next"] = LlavaNext,
        ["llava_next_video"] = LlavaNext,
        ["llava_onevision"] = LlavaNext,
        ["vipllava"] = new() { Parts = [Picture, Norm(LayersTogether("vision_feature_layers")), TwoLayers(LayersTogether("vision_feature_layers"), TextWidth)] },
        ["video_llava"] = Llava with { Parts = [Picture, .. Llava.Parts] },
        ["aya_vision"] = new() { Parts = [Picture, Norm(Joined("downsample_factor")), GatedProjector] },
        ["cohere2_vision"] = new() { Parts = [Picture, GatedProjector] },
        ["deepseek_vl"] = new() { Parts = [Picture, TwoLayers(VisionWidth, TextWidth)] },
        ["video_llama_3"] = new() { Parts = [Picture, TwoLayers(VisionWidth, TextWidth)] },
        ["qwen2_vl"] = new() { Parts = [In("vision_config", f => f.RequiredNumber("embed_dim"), Qwen2)] },
        ["qwen2_5_vl"] = new() { Parts = [In("vision_config", Qwen25)] },
        ["exaone4_5"] = new() { Parts = [In("vision_config", Qwen25)] },
        ["qwen3_vl"] = Qwen3Vl,
        ["qwen3_vl_moe"] = Qwen3Vl,
        ["qwen3_5"] = Qwen3Vl,
        ["qwen3_5_moe"] = Qwen3Vl,
        ["cosmos3_omni"] = Qwen3Vl,
        ["gemma3"] = Gemma3,
        ["shieldgemma2"] = Gemma3,
        ["gemma4"] = new() { Parts = [] },
        ["gemma4_unified"] = new() { Parts = [] },
        ["paligemma"] = new() { Parts = [Picture, Linear(VisionWidth, s => s.Fields.Number("projection_dim") ?? TextWidth(s))] },
        ["glm4v"] = Glm4v,
        ["glm4v_moe"] = Glm4v,
        ["glm46v"] = Glm4v,
        ["glmga"] = Glm4v,
        ["glm_ocr"] = new() { Parts = [In("vision_config", GlmOcr)] },
        ["idefics3"] = Idefics3,
        ["smolvlm"] = Idefics3,
        ["internvl"] = InternVlType,
        ["qianfan_ocr"] = InternVlType,
        ["mistral3"] = Mistral3,
        ["lighton_ocr"] = Mistral3,
        ["lfm2_vl"] = new()
        {
            Parts =
            [
                Picture, Norm(s => s.Is("projector_use_layernorm", true) ? Joined("downsample_factor")(s) : 0),
                TwoLayers(Joined("downsample_factor"), TextWidth, s => s.Is("projector_bias", true), s => s.Need("projector_hidden_size")),
            ],
        },
        ["paddleocr_vl"] = new() { Parts = [Picture, Norm(VisionWidth), TwoLayers(MergedInTower, TextWidth, inner: MergedInTower)] },
        ["blip"] = new() { Parts = [Picture] },
        ["blip-2"] = new() { Parts = [Picture, In("qformer_config", QFormer()), Queries, Linear(QueryWidth, TextWidth)] },
        ["instructblip"] = InstructBlip,
        ["instructblipvideo"] = InstructBlip,
        ["git"] = new()
        {
            Parts =
            [
                Picture, Linear(VisionWidth, TextWidth), Norm(TextWidth), Vector(s => Times(s.Or0("num_image_with_embedding"), VisionWidth(s))),
            ],
            WithCausal = true,
        },
        ["fuyu"] = new() { Parts = [Linear(s => Times(Channels(s), Area(s, "patch_size")), TextWidth)], WithCausal = true },
    };

    public static TowerType? Find(string? modelType) => modelType is not null && Types.TryGetValue(modelType, out var type) ? type : null;

    private static bool HasProjectorBias(LayerScope scope) => scope.Is("multimodal_projector_bias", true);

    private static void Queries(LayerScope scope, PartCount count) => count.Vector(Times(scope.Need("num_query_tokens"), QueryWidth(scope)));

    private static long QueryWidth(LayerScope scope) => Width(scope, "qformer_config");

    /// <summary>Widths of the patches that a ratio below 1 joins along both sides.</summary>
    private static long Shuffled(LayerScope scope)
    {
        var side = (long)Math.Round(1 / (scope.Fields.Fraction("downsample_ratio") ?? 1));
        return Times(VisionWidth(scope), side, side);
    }

    private static long MergedInTower(LayerScope scope)
    {
        var side = scope.Fields.Nested("vision_config")?.Number("spatial_merge_size") ?? 2;
        return Times(VisionWidth(scope), side, side);
    }
}
