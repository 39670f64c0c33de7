using static GpuMem.Catalogues.Parts.Attentions;
using static GpuMem.Catalogues.Parts.DecoderTypes;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.FeedForwards;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>Decoders with experts in some layers or in all.</summary>
internal static class MixtureTypes
{
    private static readonly ModelType Qwen3Moe = Llama with { Layer = [Grouped(norm: PerHead), DenseOr(EveryStep, Experts()), Norms(2)] };

    private static readonly Part DeepSeekExperts = DenseOr(Leading("first_k_dense_replace"), Experts(shared: SharedByCount("n_shared_experts")));

    private static readonly ModelType DeepSeek = Llama with { Layer = [Latent(), DeepSeekExperts, Norms(2)] };

    private static readonly ModelType Granite = Llama with { Layer = [Grouped(), Experts(shared: s => s.Or0("shared_intermediate_size")), Norms(2)] };

    private static readonly ModelType Hunyuan = Llama with { Layer = [Grouped(norm: PerHead), Gated(), Norms(2)], Tied = true };

    public static readonly Dictionary<string, ModelType> Types = new()
    {
        ["mellum"] = Qwen3Moe with { Layer = [Grouped(norm: PerHead), DenseOr(Leading(""), Experts()), Norms(2)] },
        ["qwen3_vl_moe_text"] = Qwen3Moe,
        ["qwen3_omni_moe_text"] = Qwen3Moe,
        ["minimax_m2"] = Llama with { Layer = [Grouped(bias: Never, norm: FullWidth), Experts(width: s => s.Need("intermediate_size")), Norms(2)] },
        ["minimax_m3_vl_text"] = Llama with
        {
            Layer =
            [
                Grouped(bias: Never, norm: PerHead), MiniMaxIndexer,
                DenseOr(s => s.At("mlp_layer_types") == "dense", Experts(width: s => s.Need("intermediate_size"), shared: s => Times(Math.Max(1, s.Or0("n_shared_experts")), s.Or0("shared_intermediate_size"))), Gated(s => s.Need("dense_intermediate_size"))),
                Norms(2),
            ],
        },
        ["aria_text"] = Llama with { Layer = [Grouped(), Experts(width: s => s.Need("intermediate_size"), shared: s => Times(s.Or0("moe_num_shared_experts"), s.Need("intermediate_size"))), Norms(2)] },
        ["afmoe"] = Llama with
        {
            Layer =
            [
                Grouped(bias: Never, norm: PerHead, gate: s => Times(s.Heads, s.HeadDimension)),
                DenseOr(Leading("num_dense_layers"), Experts(shared: SharedByCount("num_shared_experts"), routerBias: true)), Norms(4),
            ],
        },
        ["cohere2_moe"] = Llama with
        {
            Layer =
            [
                Grouped(),
                DenseOr(Leading("first_k_dense_replace"), Experts(width: s => s.Need("intermediate_size"), shared: s => Times(s.Or0("num_shared_experts"), s.Need("intermediate_size"))), Gated(s => s.Fields.Number("prefix_dense_intermediate_size") ?? Width(s))), Norms(1),
            ],
            Tied = true,
        },
        ["glm4_moe"] = Llama with
        {
            Layer = [Grouped(outputBias: Never, norm: s => s.Is("use_qk_norm") ? PerHead(s) : default), DeepSeekExperts, Norms(2)],
        },
        ["glm4v_moe_text"] = Llama with { Layer = [Grouped(outputBias: Never), DeepSeekExperts, Norms(2)] },
        ["glm4_moe_lite"] = DeepSeek,
        ["mistral4"] = DeepSeek,
        ["deepseek_v32"] = DeepSeek with { Layer = [Latent(), Indexer, DeepSeekExperts, Norms(2)] },
        ["glm_moe_dsa"] = DeepSeek with { Layer = [Latent(), Indexer, DeepSeekExperts, Norms(2)] },
        ["deepseek_v4"] = DeepSeekV4.Type,
        ["dots1"] = Llama with { Layer = [Grouped(norm: PerHead), DeepSeekExperts, Norms(2)] },
        ["ernie4_5_moe"] = Llama with
        {
            Layer =
            [
                Grouped(bias: s => s.Is("use_bias")),
                DenseOr(s => !ErnieHasExperts(s), Experts(shared: SharedByCount("moe_num_shared_experts"), routerBias: true), Gated(bias: s => s.Is("use_bias"))), Norms(2),
            ],
            Tied = true,
        },
        ["exaone_moe"] = Llama with { Layer = [Grouped(bias: Never, norm: PerHead), DenseOr(Leading("first_k_dense_replace"), Experts(shared: SharedByCount("num_shared_experts"))), Norms(2)] },
        ["flex_olmo"] = Llama with { Layer = [Grouped(norm: FullWidth), Experts(), Norms(2)] },
        ["granitemoe"] = Granite,
        ["granitemoeshared"] = Granite,
        ["hunyuan_v1_dense"] = Hunyuan,
        ["hunyuan_v1_moe"] = Hunyuan with
        {
            Layer = [Grouped(norm: PerHead), Experts(experts: s => At(s, "num_experts"), width: s => At(s, "moe_intermediate_size", "intermediate_size"), shared: s => s.Is("use_mixed_mlp_moe", true) ? s.Need("intermediate_size") : 0), Norms(2)],
        },
        ["hy_v3"] = Llama with { Layer = [Grouped(norm: PerHead), DenseOr(Leading("first_k_dense_replace"), Experts(shared: SharedByCount("num_shared_experts"))), Norms(2)] },
        ["jetmoe"] = Llama with { Layer = [JetMoeAttention, Experts(), Norms(2), Vector(s => s.Hidden)], Tied = true },
        ["laguna"] = Llama with
        {
            Layer =
            [
                Grouped(heads: s => LayerScope.Int(At(s, "num_attention_heads_per_layer", "num_attention_heads")), norm: PerHead, gate: s => s.Is("gating", true) ? At(s, "num_attention_heads_per_layer", "num_attention_heads") : 0),
                DenseOr(s => s.At("mlp_layer_types") == "dense", Experts(shared: s => s.Or0("shared_expert_intermediate_size"), routerBias: true)), Norms(2),
            ],
        },
        ["longcat_flash"] = Llama with
        {
            // Two attentions and two dense feed-forwards around each layer's experts, some of which return their input (arXiv 2509.01322).
            Layer =
            [
                Latent(), Latent(), Gated(s => s.Need("ffn_hidden_size")), Matrix(s => s.Hidden, s => 3 * s.Need("ffn_hidden_size")),
                Experts(width: s => s.Need("expert_ffn_hidden_size"), idle: s => s.Or0("zero_expert_num")), Norms(4), IdleExpertsGate,
            ],
            Layers = fields => fields.RequiredNumber("num_layers"),
        },
        ["phimoe"] = Llama with
        {
            Layer = [Grouped(), Experts(width: s => s.Need("intermediate_size")), Norms(2, bias: true)], End = [Norms(1, bias: true), HeadBias(s => s.Is("lm_head_bias"))],
        },
        ["solar_open"] = Llama with { Layer = [Grouped(outputBias: Never), Experts(shared: SharedByCount("n_shared_experts")), Norms(2)] },
        ["dbrx"] = Llama with
        {
            Layer =
            [
                Grouped(bias: Never, keyValueHeads: s => LayerScope.Int(s.Fields.Nested("attn_config")?.Number("kv_n_heads") ?? s.Heads)),
                (s, c) => Dbrx(s, c), Norms(2),
            ],
        },
    };

    /// <summary>Layers that the configuration leaves dense, by index or by a step.</summary>
    private static bool EveryStep(LayerScope scope)
    {
        var step = Math.Max(1, scope.Fields.Number("decoder_sparse_step") ?? 1);
        return (scope.Index + 1) % step != 0 || scope.Fields.Numbers("mlp_only_layers")?.Contains(scope.Index) == true
            || (scope.Fields.Number("num_experts", "num_local_experts") ?? 0) == 0;
    }

    private static bool ErnieHasExperts(LayerScope scope) =>
        (scope.Index + 1) % Math.Max(1, scope.Fields.Number("moe_layer_interval") ?? 1) == 0
        && scope.Index >= scope.Or0("moe_layer_start_index") && scope.Index <= LastWithExperts(scope);

    /// <summary>-1 stands for the last layer.</summary>
    private static long LastWithExperts(LayerScope scope) => scope.Fields.SignedNumber("moe_layer_end_index") is >= 0 and var last ? last : scope.Layers - 1;

    /// <summary>A number of this layer: the field's, or the layer's of its list.</summary>
    private static long At(LayerScope scope, string list, string? otherwise = null) =>
        scope.Fields.Numbers(list) is { Count: > 0 } numbers ? numbers[scope.Index % numbers.Count] : otherwise is null ? scope.Need(list) : scope.Need(list, otherwise);

    /// <summary>Experts make queries and results; keys and values are common to them (arXiv 2404.07413).</summary>
    private static void JetMoeAttention(LayerScope scope, PartCount count)
    {
        var (experts, width) = (scope.Need("num_local_experts"), Times(scope.KeyValueHeads, scope.HeadDimension));
        count.Matrix(scope.Hidden, width, 2 * experts);
        count.Idle(Times(2 * Math.Max(0, experts - scope.Or0("num_experts_per_tok")), scope.Hidden, width));
        count.Whole(scope.Hidden, experts);
        count.Vector(scope.Hidden);
        count.Matrix(scope.Hidden, width, 2);
        count.Cache(Cache(scope, scope.KeyValueHeads, scope.HeadDimension));
    }

    /// <summary>transformers stores gate and up of experts that compute nothing, too.</summary>
    private static void IdleExpertsGate(LayerScope scope, PartCount count) =>
        IdleExperts(count, Times(2, scope.Hidden, scope.Need("expert_ffn_hidden_size")), scope.Or0("zero_expert_num"));

    private static void IdleExperts(PartCount count, long each, long number)
    {
        count.Whole(each, number);
        count.Idle(Times(each, number));
    }

    private static void MiniMaxIndexer(LayerScope scope, PartCount count)
    {
        if (scope.Kind is not ("sparse_attention" or "minimax_sparse_attention" or "block_sparse_attention"))
            return;
        var (heads, width) = (scope.Need("index_n_heads"), scope.Need("index_head_dim"));
        count.Whole(scope.Hidden, Times(heads + 1, width));
        count.Vector(2 * width);
        count.Cache(Key(width));
    }

    private static void Dbrx(LayerScope scope, PartCount count)
    {
        var experts = scope.Fields.Nested("ffn_config");
        Experts(experts: _ => experts?.Number("moe_num_experts") ?? 4, width: _ => experts?.Number("ffn_hidden_size") ?? 3584, active: _ => experts?.Number("moe_top_k") ?? 1)(scope, count);
    }
}
