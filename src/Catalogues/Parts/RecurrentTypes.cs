using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Recurrences;

namespace GpuMem.Catalogues.Parts;

/// <summary>Models with states in place of some caches or of all.</summary>
internal static class RecurrentTypes
{
    /// <summary>Every second half of a query matrix is a gate (Qwen3-Next).</summary>
    private static readonly Part GatedAttention = Grouped(norm: PerHead, gate: s => Times(s.Heads, s.HeadDimension));

    private static readonly Part DeltaOrAttention = Of("linear_attention", GatedDelta, GatedAttention);

    private static readonly Part SharedExperts = Experts(shared: s => s.Or0("shared_expert_intermediate_size"), sharedGate: true);

    private static readonly ModelType Mamba1 = new() { Layer = [Mamba(), Norms(1)], Tied = true };

    private static readonly ModelType Lfm2 = Llama with
    {
        Layer = [Of("full_attention", Grouped(bias: Never, norm: PerHead), ShortConvolution), Gated(Lfm2Width, Never), Norms(2)],
        KindOf = s => s.At("layer_types") ?? (s.Fields.Numbers("full_attn_idxs") is { } indices ? indices.Contains(s.Index) ? "full_attention" : "conv" : null),
        Tied = true,
    };

    private static readonly ModelType Qwen35 = Llama with { Layer = [DeltaOrAttention, Gated(), Norms(2)], KindOf = EveryFourth };

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["mamba"] = Mamba1,
        ["falcon_mamba"] = Mamba1,
        ["rwkv"] = new() { Layer = [Rwkv, Norms(2, bias: true)], Start = [Norms(1, bias: true)], End = [Norms(1, bias: true)] },
        ["xlstm"] = new() { Layer = [MatrixMemory, Norms(2)], End = [Norms(s => s.Is("add_out_norm", true) ? 1 : 0)] },
        ["recurrent_gemma"] = Llama with
        {
            Layer = [Of("recurrent", LinearRecurrence, Grouped(outputBias: Always)), Gated(s => s.Need("intermediate_size") / 2, Always), Norms(2)], Tied = true,
        },
        ["jamba"] = Llama with
        {
            Layer = [Of("attention", Grouped(bias: Never), Mamba("mamba_", norms: true)), DenseOr(s => !Every(s, "expert_layer_period", "expert_layer_offset") || s.Need("num_experts") <= 1, Experts(width: s => s.Need("intermediate_size"))), Norms(2)],
            KindOf = s => Every(s, "attn_layer_period", "attn_layer_offset") ? "attention" : "mamba",
        },
        ["falcon_h1"] = Llama with
        {
            Layer = [Grouped(), Mamba2(s => s.Is("mamba_rms_norm"), s => s.Fields.Number("mamba_d_ssm") ?? Times(s.Need("mamba_expand"), s.Hidden)), Gated(), Norms(2)],
        },
        ["granitemoehybrid"] = Llama with
        {
            Layer =
            [
                Of("mamba", Mamba2(), Grouped()),
                (s, c) =>
                {
                    if (s.Or0("num_local_experts") > 0)
                        Experts(width: x => x.Need("intermediate_size"), shared: x => x.Or0("shared_intermediate_size"))(s, c);
                    else
                        Gated(x => x.Or0("shared_intermediate_size"))(s, c);
                },
                Norms(2),
            ],
        },
        ["olmo_hybrid"] = Llama with { Layer = [Of("linear_attention", SeparateGatedDelta, Grouped(norm: FullWidth)), Gated(), Norms(2)], KindOf = EveryFourth },
        ["qwen3_next"] = Llama with
        {
            Layer = [DeltaOrAttention, DenseOr(s => (s.Index + 1) % Math.Max(1, s.Fields.Number("decoder_sparse_step") ?? 1) != 0 || s.Fields.Numbers("mlp_only_layers")?.Contains(s.Index) == true, SharedExperts), Norms(2)],
            KindOf = EveryFourth,
        },
        ["qwen3_5_text"] = Qwen35,
        ["qwen3_5_moe_text"] = Qwen35 with { Layer = [DeltaOrAttention, SharedExperts, Norms(2)] },
        // Its class is not in transformers: moonshotai/Kimi-Linear-48B-A3B-Instruct modeling_kimi.py, vllm/model_executor/models/kimi_linear.py.
        ["kimi_linear"] = Llama with
        {
            Layer =
            [
                Of("full_attention", Latent(), KimiDelta),
                DenseOr(Leading("first_k_dense_replace"), Experts(shared: SharedByCount("num_shared_experts"), routerBias: true)), Norms(2),
            ],
            KindOf = s => s.Fields.Nested("linear_attn_config")?.Numbers("full_attn_layers")?.Contains(s.Index + 1) == true ? "full_attention" : "linear_attention",
        },
        ["lfm2"] = Lfm2,
        ["lfm2_moe"] = Lfm2 with
        {
            Layer =
            [
                Of("full_attention", Grouped(bias: Never, norm: PerHead), ShortConvolution),
                DenseOr(s => s.Index < s.Or0("num_dense_layers"), Experts(), Gated(s => s.Need("intermediate_size"), Never)), Norms(2),
            ],
        },
        ["minimax"] = Llama with
        {
            Layer = [Of("linear_attention", Lightning, Grouped()), Experts(width: s => s.Need("intermediate_size")), Norms(2)],
            KindOf = s => s.At("layer_types") ?? (s.Index % 2 == 0 ? "full_attention" : "linear_attention"),
        },
        ["nemotron_h"] = new()
        {
            Layer = [NemotronLayer, Norms(1)],
            Layers = fields => fields.Texts("layers_block_type")?.Count ?? fields.Text("hybrid_override_pattern")?.Length ?? fields.RequiredNumber("num_hidden_layers"),
            KindOf = s => s.At("layers_block_type") ?? s.Fields.Text("hybrid_override_pattern")?[s.Index] switch { 'M' => "mamba", '*' => "attention", 'E' => "moe", _ => "mlp" },
        },
        ["zamba"] = Zamba.First,
        ["zamba2"] = Zamba.Second,
    };

    /// <summary>One part in layers of a kind, another in the rest.</summary>
    private static Part Of(string kind, Part then, Part otherwise) => (scope, count) => (scope.Kind == kind ? then : otherwise)(scope, count);

    private static bool Every(LayerScope scope, string period, string offset) => scope.Index % Math.Max(1, scope.Need(period)) == scope.Or0(offset);

    /// <summary>Where the file lists no kinds, every so many layers attend, four unless it says otherwise.</summary>
    private static string? EveryFourth(LayerScope scope) =>
        scope.At("layer_types") ?? ((scope.Index + 1) % Math.Max(1, scope.Fields.Number("full_attention_interval") ?? 4) == 0 ? "full_attention" : "linear_attention");

    /// <summary>configuration_lfm2.py states a width that the class makes smaller: two thirds of it, times a factor, in whole multiples.</summary>
    private static long Lfm2Width(LayerScope scope)
    {
        var stated = scope.Need("intermediate_size", "block_ff_dim");
        if (!scope.Is("block_auto_adjust_ff_dim", true))
            return stated;
        var width = (long)(Factor(scope, "block_ffn_dim_multiplier", 1) * (2 * stated / 3));
        return RoundUp(width, scope.Fields.Number("block_multiple_of") ?? 256);
    }

    /// <summary>Each layer is one thing: a state, attention, experts or a feed-forward.</summary>
    private static void NemotronLayer(LayerScope scope, PartCount count)
    {
        Part part = scope.Kind switch
        {
            "mamba" => Mamba2(inner: s => Times(s.Need("mamba_num_heads"), s.Need("mamba_head_dim"))),
            "attention" => Grouped(),
            "moe" => NemotronExperts,
            _ => Plain(),
        };
        part(scope, count);
    }

    private static void NemotronExperts(LayerScope scope, PartCount count)
    {
        var shared = Times(Math.Max(1, scope.Or0("n_shared_experts")), scope.Or0("moe_shared_expert_intermediate_size"));
        if (scope.Fields.Number("moe_latent_size") is not { } latent)
        {
            Experts(shared: _ => shared, gated: false)(scope, count);
            return;
        }

        // Experts work on a narrower vector, into which the input is projected and out of which their sum.
        Experts(shared: _ => shared, gated: false)(scope, count);
        var inner = scope.Need("moe_intermediate_size");
        count.Routed(count.Experts, count.ActiveExperts, inner, false, new(Times(2, latent, inner), RowsAndColumns: 2 * (latent + inner)));
        count.Matrix(scope.Hidden, latent, 2);
    }
}
