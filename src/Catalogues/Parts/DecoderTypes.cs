using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>Decoders whose layers all have attention and one feed-forward.</summary>
internal static class DecoderTypes
{
    public static readonly ModelType Llama = new() { Layer = [Grouped(), Gated(), Norms(2)] };

    /// <summary>Of GPT-2's kind: norms and linear layers with biases, two feed-forward matrices.</summary>
    public static readonly ModelType Gpt = new()
    {
        Layer = [Grouped(bias: Always), Plain(bias: Always), Norms(2, bias: true)], End = [Norms(1, bias: true)], Tied = true,
    };

    private static readonly ModelType Gemma3n = new()
    {
        Start =
        [
            Table(s => s.Need("vocab_size_per_layer_input"), s => Times(s.Layers, s.Need("hidden_size_per_layer_input"))),
            Matrix(s => s.Hidden, s => Times(s.Layers, s.Need("hidden_size_per_layer_input"))),
            Vector(s => s.Need("hidden_size_per_layer_input")),
            Matrix(s => s.Hidden, s => 2 * (s.Need("altup_num_inputs") - 1) * s.Hidden),
        ],
        Layer =
        [
            Grouped(norm: PerHead, cached: s => s.Index < s.Layers - s.Or0("num_kv_shared_layers")),
            Gated(s => s.Fields.Numbers("intermediate_size") is { Count: > 0 } widths ? widths[s.Index % widths.Count] : Width(s)),
            Norms(4), PerLayerInput,

            // AltUp (arXiv 2301.13310): corrections, predictions, a router of its own; a low-rank branch beside attention.
            Vector(s => s.Is("altup_correct_scale", true) ? s.Hidden : 0),
            Vector(s => Times(s.Need("altup_num_inputs"), s.Need("altup_num_inputs"), s.Need("altup_num_inputs") + 1) + s.Hidden),
            Whole(s => s.Hidden, s => s.Need("altup_num_inputs")),
            Whole(s => s.Hidden, s => 2 * s.Need("laurel_rank")), Norms(1),
        ],
        Tied = true,
    };

    private static readonly ModelType Gemma4 = new()
    {
        Start =
        [
            Table(s => PerLayerWidth(s) > 0 ? s.Need("vocab_size_per_layer_input", "vocab_size") : 0, s => Times(s.Layers, PerLayerWidth(s))),
            Matrix(s => s.Hidden, s => Times(s.Layers, PerLayerWidth(s))),
            Vector(PerLayerWidth),
        ],
        Layer = [Gemma4Attention, Gemma4FeedForward, Norms(4), (s, c) => (PerLayerWidth(s) > 0 ? PerLayerInput : Norms(0))(s, c), Vector(_ => 0)],
        Tied = true,
    };

    private static readonly Part CrossAttention = Grouped(bias: Never, norm: PerHead, vectors: _ => 2, cross: true);

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["cwm"] = Llama,
        ["helium"] = Llama,
        ["ministral"] = Llama,
        ["ministral3"] = Llama,
        ["emu3"] = Llama,
        ["emu3_text_model"] = Llama,
        ["csm"] = Llama,
        ["ernie4_5"] = Llama with { Layer = [Grouped(bias: UseBias), Gated(bias: UseBias), Norms(2)], Tied = true },
        ["hyperclovax"] = Llama with { Layer = [Grouped(), Gated(), Norms(s => s.Is("use_post_norm") ? 4 : 2)] },
        ["youtu"] = Llama with { Layer = [Latent(), Gated(), Norms(2)], Tied = true },
        ["seed_oss"] = Llama with { Layer = [Grouped(outputBias: s => s.Is("attention_out_bias")), Gated(), Norms(2)] },
        ["glm"] = Llama with { Layer = [Grouped(outputBias: Never), Gated(), Norms(2)] },
        ["glm4"] = Llama with { Layer = [Grouped(outputBias: Never), Gated(), Norms(4)] },
        ["exaone4"] = Llama with { Layer = [Grouped(bias: Never, norm: PerHead), Gated(), Norms(2)] },
        ["olmo"] = Llama with { Layer = [Grouped(), Gated()], End = [] },
        ["olmo3"] = Llama with { Layer = [Grouped(norm: FullWidth), Gated(), Norms(2)] },
        ["arcee"] = Llama with { Layer = [Grouped(), Plain(), Norms(2)] },
        ["apertus"] = Llama with { Layer = [Grouped(norm: PerHead), Plain(), Vector(_ => 2), Norms(2)] },
        ["nanochat"] = Llama with { Layer = [Grouped(), Plain()], End = [] },
        ["bitnet"] = Llama with { Layer = [Grouped(), Gated(), Norms(3), Vector(Width)] },
        ["vaultgemma"] = Llama with { Tied = true },
        ["diffllama"] = Llama with { Layer = [Grouped(vectors: s => 4 * s.HeadDimension), Gated(), Norms(2)] },
        ["doge"] = Llama with
        {
            // A decay for each head from all values, and a residual scale beside each norm (arXiv 2412.11834).
            Layer = [Grouped(norm: PerHead, vectors: s => s.KeyValueHeads), Matrix(s => Times(s.KeyValueHeads, s.HeadDimension), s => s.KeyValueHeads), Doge, Norms(4)],
        },
        ["modernbert-decoder"] = Llama with
        {
            Start = [Norms(1)],
            Layer = [Grouped(), Gated(), Norms(s => s.Index == 0 ? 1 : 2)],
            End = [Norms(1), Whole(s => s.Hidden, s => s.Hidden), Norms(1), HeadBias(s => s.Is("decoder_bias", true))],
            Tied = true,
        },
        ["moshi"] = Llama with
        {
            Layer = [Grouped(bias: Never), Matrix(s => s.Hidden, s => s.Need("ffn_dim")), Matrix(s => s.Need("ffn_dim") / 2, s => s.Hidden), Norms(2)],
            TokenRows = s => Vocabulary(s) + 1, Output = s => (Vocabulary(s), s.Hidden), AlwaysTied = false,
        },
        ["jais2"] = Llama with { Layer = [Grouped(), Plain(), Norms(2, bias: true)], End = [Norms(1, bias: true)] },
        ["hrm_text"] = Llama with
        {
            // Two modules of a stack each, which one token passes several times, each time with a cache of its own, and a start for the lower one's state.
            Layer = [.. Hrm(), Gated()],
            Layers = fields => 2 * fields.RequiredNumber("num_layers_per_stack"), Start = [Norms(1)], End = [],
        },
        ["gemma3n_text"] = Gemma3n,
        ["gemma4_text"] = Gemma4,
        ["gemma4"] = Gemma4,
        ["gemma4_unified_text"] = Gemma4,
        ["persimmon"] = Gpt with
        {
            Layer = [Grouped(bias: Always, norm: s => s.Is("qk_layernorm", true) ? (2 * s.HeadDimension, 2 * s.HeadDimension) : default), Plain(bias: Always), Norms(2, bias: true)],
            Tied = false,
        },
        ["gpt_neo"] = Gpt with { Start = [Positions()], Layer = [Grouped(bias: Never, outputBias: Always), Plain(bias: Always), Norms(2, bias: true)] },
        ["gpt-sw3"] = Gpt with { Start = [Positions()] },
        ["openai-gpt"] = Gpt with { Start = [Positions()], Layer = [Grouped(bias: Always), Plain(s => Times(4, s.Hidden), Always), Norms(2, bias: true)], End = [] },
        ["codegen"] = Gpt with
        {
            Layer = [Grouped(bias: Never), Plain(bias: Always), Norms(1, bias: true)], End = [Norms(1, bias: true), HeadBias()], Tied = false,
        },
        ["biogpt"] = Gpt with { Start = [Positions(2)] },
        ["xglm"] = Gpt,
        ["ctrl"] = Gpt with { End = [Norms(1, bias: true), HeadBias()] },
        ["gpt_neox_japanese"] = Gpt with
        {
            // One bias, of the last layer's output matrix.
            Layer = [Grouped(bias: Never, outputBias: s => s.Index == s.Layers - 1), Plain(s => Times(s.Need("intermediate_multiple_size"), s.Hidden), Never), Norms(2, bias: true)],
        },
        ["cpmant"] = Llama with
        {
            Start = [Table(s => s.Need("segment_types")), Table(s => s.Need("num_attention_heads"), s => Times(s.Need("segment_types"), s.Need("segment_types")) + s.Need("position_bias_num_buckets"))],
            Layer = [Grouped(bias: Never), Gated(bias: Never), Norms(2)],
            TokenRows = s => Vocabulary(s) + Times(s.Need("prompt_types"), s.Need("prompt_length")), Tied = true,
        },
        ["nemotron"] = Llama with { Layer = [Grouped(), Plain(), Norms(2, bias: true)], End = [Norms(1, bias: true)] },
        ["phi4_multimodal"] = Llama,
        ["qwen2_vl_text"] = Llama with { Layer = [Grouped(bias: Always, outputBias: Never), Gated(), Norms(2)] },
        ["qwen2_5_vl_text"] = Llama with { Layer = [Grouped(bias: Always, outputBias: Never), Gated(), Norms(2)] },
        ["qwen2_5_omni_text"] = Llama with { Layer = [Grouped(bias: Always, outputBias: Never), Gated(), Norms(2)] },
        ["qwen3_vl_text"] = Llama with { Layer = [Grouped(norm: PerHead), Gated(), Norms(2)] },
        ["glm4v_text"] = Llama with { Layer = [Grouped(bias: s => s.Is("attention_bias", true), outputBias: Never), Gated(), Norms(4)] },
        ["glm_ocr_text"] = Llama with { Layer = [Grouped(bias: Never), Gated(), Norms(4)] },
        ["paddleocr_vl_text"] = Llama with { Layer = [Grouped(bias: UseBias), Gated(bias: UseBias), Norms(2)] },
        ["mllama_text_model"] = Llama with
        {
            // Some layers attend to the pictures instead, behind two gates, and the table has rows for their tokens.
            Layer = [(s, c) => (IsCross(s) ? CrossAttention : Grouped(bias: Never))(s, c), Gated(), Norms(2)],
            TokenRows = s => Vocabulary(s) + 8, Output = s => (Vocabulary(s), s.Hidden), AlwaysTied = false,
        },
        ["git"] = EncoderTypes.Git,
    };

    public static bool Always(LayerScope scope) => true;

    public static bool Never(LayerScope scope) => false;

    private static bool IsCross(LayerScope scope) => scope.Fields.Numbers("cross_attention_layers")?.Contains(scope.Index) == true;

    private static bool UseBias(LayerScope scope) => scope.Is("use_bias");

    private static Part[] Hrm()
    {
        var attention = Grouped(gate: s => Times(s.Heads, s.HeadDimension));
        return
        [
            attention,
            (s, c) =>
            {
                var cycles = Math.Max(1, s.Fields.Number("H_cycles") ?? 1) * (s.Index < s.Layers / 2 ? Math.Max(1, s.Fields.Number("L_cycles") ?? 1) : 1);
                for (var pass = 1; pass < Math.Min(cycles, 64); pass++)
                    c.Cache(Cache(s, s.KeyValueHeads, s.HeadDimension));
            },
        ];
    }

    private static long PerLayerWidth(LayerScope scope) => scope.Or0("hidden_size_per_layer_input");

    /// <summary>An embedding of its own for each layer, let through a gate (Gemma 3n).</summary>
    private static void PerLayerInput(LayerScope scope, PartCount count)
    {
        count.Whole(scope.Hidden, PerLayerWidth(scope), 2);
        count.Vector(scope.Hidden);
    }

    /// <summary>Layers that see everything have wider heads, perhaps fewer of them, and perhaps one projection for keys and values.</summary>
    private static void Gemma4Attention(LayerScope scope, PartCount count)
    {
        var global = scope.Kind == "full_attention";
        var width = global ? scope.Fields.Number("global_head_dim") ?? scope.HeadDimension : scope.HeadDimension;
        var same = global && scope.Is("attention_k_eq_v");
        var heads = same ? LayerScope.Int(scope.Fields.Number("num_global_key_value_heads") ?? scope.KeyValueHeads) : scope.KeyValueHeads;
        var cached = scope.Index < scope.Layers - scope.Or0("num_kv_shared_layers");
        Grouped(norm: _ => (width, width), keyValueHeads: _ => heads, head: _ => width, keysAreValues: _ => same, cached: _ => cached, windowIgnored: s => s.Or0("num_kv_shared_layers") == 0)(scope, count);
    }

    private static void Gemma4FeedForward(LayerScope scope, PartCount count)
    {
        // Layers that read another's keys and values may have a wider feed-forward.
        var wide = scope.Is("use_double_wide_mlp") && scope.Index >= scope.Layers - scope.Or0("num_kv_shared_layers");
        Gated(s => Times(wide ? 2 : 1, Width(s)))(scope, count);
        if (!scope.Is("enable_moe_block"))
            return;

        // Beside the dense feed-forward: a scaled router, experts, and norms before and after.
        Experts(experts: s => s.Need("num_experts"))(scope, count);
        count.Vector(scope.Hidden + scope.Need("num_experts"));
        Norms(3)(scope, count);
    }

    /// <summary>Dense, or experts that are retrieved by two keys (arXiv 2407.04153).</summary>
    private static void Doge(LayerScope scope, PartCount count)
    {
        Gated()(scope, count);
        if (!scope.Is("is_moe"))
            return;
        var (experts, keys) = (scope.Need("num_experts"), (long)Math.Sqrt(scope.Need("num_experts")));
        count.Whole(scope.Hidden, 2 * keys);
        count.Table(experts, 2 * scope.Hidden);
    }
}
