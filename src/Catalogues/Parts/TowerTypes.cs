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

    private static readonly TowerType InstructBlip = new() { Parts = [Picture, QFormer(VisionWidth, text: true), Queries, Linear(QueryWidth, TextWidth)] };

    private static readonly TowerType Gemma4 = new()
    {
        Parts =
        [
            Tower("vision_config", optional: true), Tower("audio_config", optional: true),
            Linear(VisionWidth, TextWidth, bias: false), Linear(s => Output(s, "audio_config"), TextWidth, bias: false),
        ],
    };

    private static readonly TowerType GotOcr = new()
    {
        Parts =
        [
            In("vision_config", Sam),
            Halvings(SamChannels, s => 2 * SamChannels(s), TextWidth), Linear(TextWidth, TextWidth),
        ],
    };

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
        ["gemma4"] = Gemma4,
        ["diffusion_gemma"] = Gemma4,
        ["gemma4_unified"] = new() { Parts = [Tower("vision_config", optional: true), Linear(s => Output(s, "vision_config"), TextWidth, bias: false), Linear(s => Output(s, "audio_config"), TextWidth, bias: false)] },

        // Their towers come from the library timm and from a convolutional network that is not described by their fields.
        ["gemma3n"] = new() { Parts = [Picture, Tower("audio_config")] },
        ["fast_vlm"] = new() { Parts = [Picture] },
        ["perception_lm"] = new() { Parts = [Picture] },
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
        ["blip-2"] = new() { Parts = [Picture, QFormer(VisionWidth), Queries, Linear(QueryWidth, TextWidth)] },
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
        ["aria"] = new() { Parts = [Picture, AriaResampler] },
        ["chameleon"] = new() { Parts = [In("vq_config", PictureCodes.Chameleon)] },
        ["emu3"] = new() { Parts = [In("vq_config", PictureCodes.Emu3)] },
        ["janus"] = new()
        {
            Parts =
            [
                Picture, In("vision_config", AlignedLayers(s => s.Hidden, "depth")), In("vq_config", PictureCodes.Janus),
                In("vq_config", AlignedLayers(s => s.Need("embed_dim"), "num_hidden_layers"), Table(s => s.Need("num_embeddings"), s => s.Need("embed_dim"))),
                In("vq_config", TwoLayers(s => s.Need("image_token_embed_dim"), s => s.Need("num_embeddings"), inner: s => s.Need("projection_dim"))),
            ],
        },
        ["deepseek_vl_hybrid"] = new()
        {
            Parts =
            [
                Picture, Tower("high_res_vision_config"), In("high_res_vision_config", SamNeck, Halvings(Narrow, s => 2 * Narrow(s), s => 4 * Narrow(s))), Vector(_ => 1),
                Linear(VisionWidth, s => TextWidth(s) / 2), Linear(s => 4 * Of("high_res_vision_config", "output_channels")(s), s => TextWidth(s) / 2), Linear(TextWidth, TextWidth),
            ],
        },
        ["deepseek_ocr2"] = new()
        {
            Parts =
            [
                In(
                    "vision_config",
                    In("sam_config", [.. Sam, Halvings(Narrow, s => Downsampled(s, 0), s => Downsampled(s, 1))]),
                    In("encoder_config", Table(_ => (12 * 12) + (16 * 16)), Norms(1), Blocks(outputBias: Never, innerBias: Never, normBias: false, gated: true))),
                Linear(s => s.Fields.Part("vision_config")?.Part("encoder_config")?.RequiredNumber("hidden_size") ?? 0, TextWidth), Vector(TextWidth),
            ],
        },
        ["got_ocr2"] = GotOcr,
        ["pp_chart2table"] = GotOcr,
        ["pp_formulanet"] = new()
        {
            Parts =
            [
                In(
                    "vision_config",
                    [
                        .. Sam, Halvings(s => s.Need("post_conv_in_channels"), s => s.Need("post_conv_mid_channels"), s => s.Need("post_conv_out_channels")),
                        TwoLayers(s => s.Need("post_conv_out_channels"), s => s.Need("decoder_hidden_size"), inner: s => s.Need("post_conv_out_channels")),
                    ]),
            ],
        },
        ["ernie4_5_vl_moe"] = new() { Parts = [Picture, ErnieResampler] },
        ["florence2"] = new()
        {
            Parts =
            [
                In(
                    "vision_config", Florence, Norm(s => s.Need("projection_dim")),
                    Matrix(s => s.Fields.Numbers("embed_dim")![^1], s => s.Need("projection_dim")),
                    Table(s => s.Need("max_position_embeddings"), s => s.Fields.Numbers("embed_dim")![^1])),
            ],
        },
        ["granite4_vision"] = new() { Parts = [Picture, WindowedQFormers] },
        ["idefics"] = new() { Parts = [Picture, Perceiver], Text = [] },
        ["idefics2"] = new() { Parts = [Picture, Idefics2Resampler] },
        ["kosmos-2"] = new() { Parts = [Picture, .. LatentQueries] },
        ["kosmos-2.5"] = new() { Parts = [Picture, .. LatentQueries] },
        ["llama4"] = new() { Parts = [Picture, Linear(Of("vision_config", "vision_output_dim"), TextWidth, bias: false)] },
        ["mllama"] = new() { Parts = [Picture, Linear(Of("vision_config", "vision_output_dim"), TextWidth)] },
        ["minicpmv4_6"] = new()
        {
            Parts =
            [
                Picture,
                (s, c) =>
                {
                    var (joined, stages) = (4 * VisionWidth(s), s.Fields.Number("merger_times") ?? 1);
                    c.Matrix(joined, joined, stages);
                    c.Vector(Times(3 * stages, joined));
                    c.Matrix(joined, VisionWidth(s), stages - 1);
                    c.Vector(Times(stages - 1, VisionWidth(s)));
                    Linear(_ => joined, TextWidth)(s, c);
                },
            ],
        },
        ["minimax_m3_vl"] = new()
        {
            Parts =
            [
                Picture, TwoLayers(VisionWidth, TextWidth, inner: s => s.Need("projector_hidden_size")), TwoLayers(MergedText, TextWidth, inner: s => s.Need("projector_hidden_size")),
            ],
        },
        ["ovis2"] = new() { Parts = [In("vision_config", Ovis2), Table(Of("vision_config", "vocab_size"), s => s.Fields.Number("hidden_size") ?? 1536)] },
        ["phi4_multimodal"] = new()
        {
            // One projector for pictures, one for sound, one for sound beside pictures.
            Parts =
            [
                Picture, Tower("audio_config"), Vector(s => 2 * VisionWidth(s)), TwoLayers(VisionWidth, TextWidth),
                TwoLayers(SoundWidth, TextWidth), TwoLayers(SoundWidth, TextWidth),
            ],
            WithCausal = true,
        },
        ["pi0"] = new()
        {
            Parts =
            [
                Language("dit_config"), Linear(s => s.Need("max_action_dim"), ActionWidth), Linear(s => s.Need("max_state_dim"), ActionWidth),
                TwoLayers(s => 2 * ActionWidth(s), ActionWidth), Linear(ActionWidth, s => s.Need("max_action_dim")),
            ],
            Text = ["vlm_config"],
        },
        ["pix2struct"] = new() { Parts = [Picture] },
        ["qwen2_5_omni_thinker"] = new() { Parts = [Tower("audio_config"), In("vision_config", Qwen25)] },
        ["qwen3_omni_moe_thinker"] = new() { Parts = [Tower("audio_config"), In("vision_config", Qwen3)] },

        // What speaks is not counted.
        ["qwen2_5_omni"] = new() { Parts = [(_, c) => c.Rough()], Text = ["thinker_config"] },
        ["qwen3_omni_moe"] = new() { Parts = [(_, c) => c.Rough()], Text = ["thinker_config"] },
        ["t5gemma2"] = new() { Parts = [In("encoder", [Language("text_config", shared: true), .. Gemma3.Parts])], Text = ["decoder"] },
        ["vision-encoder-decoder"] = new() { Parts = [Tower("encoder"), CrossAttention], Text = ["decoder"] },
        ["fuyu"] = new() { Parts = [Linear(s => Times(Channels(s), Area(s, "patch_size")), TextWidth)], WithCausal = true },
    };

    public static TowerType? Find(string? modelType) => modelType is not null && Types.TryGetValue(modelType, out var type) ? type : null;

    private static long MergedText(LayerScope scope)
    {
        var side = scope.Fields.Part("vision_config")?.Number("spatial_merge_size") ?? 2;
        return Times(TextWidth(scope), side, side);
    }

    private static long SamChannels(LayerScope scope) => Of("vision_config", "output_channels")(scope);

    private static long Narrow(LayerScope scope) => scope.Need("output_channels");

    private static long Downsampled(LayerScope scope, int index) =>
        (scope.Fields.Numbers("downsample_channels") ?? [512, 896]) is { Count: 2 } channels ? channels[index] : throw scope.Fields.Refusal("downsample_channels is not two numbers; the tower cannot be sized without them");

    private static long SoundWidth(LayerScope scope) => Times(Width(scope, "audio_config"), scope.Fields.Part("audio_config")?.Number("downsample_rate") ?? 1);

    private static long ActionWidth(LayerScope scope) => Width(scope, "dit_config");

    private static long Output(LayerScope scope, string name) => scope.Fields.Part(name) is { } part ? part.Number("output_proj_dims") ?? part.RequiredNumber("audio_embed_dim", "hidden_size") : 0;

    /// <summary>A linear layer and so many less one of its result's width.</summary>
    private static Part AlignedLayers(Func<LayerScope, long> from, string number) => (scope, count) =>
    {
        var (to, further) = (scope.Need("projection_dim"), scope.Need(number) - 1);
        Linear(from, _ => to)(scope, count);
        count.Matrix(to, to, further);
        count.Vector(Times(further, to));
    };

    /// <summary>What the layers of any decoder get to read an encoder's states: GPT-2's attention has it only here, TrOCR's counts it, but as wide as itself.</summary>
    private static void CrossAttention(LayerScope scope, PartCount count)
    {
        if (scope.Fields.Part("decoder") is not { } decoder)
            return;
        if (decoder.ModelType is not ("gpt2" or "trocr"))
            throw decoder.Refusal($"how {decoder.ModelType} reads an encoder is not covered; GPT-2 and TrOCR are");
        var (layers, width, encoder) = (decoder.RequiredNumber("n_layer", "decoder_layers"), decoder.RequiredNumber("n_embd", "d_model"), Width(scope, "encoder"));
        var from = decoder.Number("cross_attention_hidden_size");
        if (decoder.ModelType == "gpt2")
        {
            count.Matrix(width, width, 4 * layers);
            count.Vector(Times(layers, 6 * width));
        }
        else
        {
            count.Matrix(from ?? width, width, 2 * layers);
            count.Matrix(width, width, -2 * layers);
        }

        if (from is null && encoder != width)
            Linear(_ => encoder, _ => width)(scope, count);
    }

    private static bool HasProjectorBias(LayerScope scope) => scope.Is("multimodal_projector_bias", true);

    private static void Queries(LayerScope scope, PartCount count) => count.Vector(Times(scope.Need("num_query_tokens"), QueryWidth(scope)));

    private static long QueryWidth(LayerScope scope) => Width(scope, "qformer_config");

    /// <summary>Widths of the patches that a ratio below 1 joins along both sides.</summary>
    private static long Shuffled(LayerScope scope)
    {
        var side = (long)Math.Round(Math.Min(1 / (scope.Fields.Fraction("downsample_ratio") ?? 1), ModelLimits.MaxHiddenSize));
        return Times(VisionWidth(scope), side, side);
    }

    private static long MergedInTower(LayerScope scope)
    {
        var side = scope.Fields.Nested("vision_config")?.Number("spatial_merge_size") ?? 2;
        return Times(VisionWidth(scope), side, side);
    }
}
