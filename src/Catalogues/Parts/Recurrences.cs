using GpuMem.Estimation.Models;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>Layers with a state in place of a cache: their weights, and what the state takes of each sequence.</summary>
internal static class Recurrences
{
    /// <summary>Mamba (arXiv 2312.00752).</summary>
    /// <param name="prefix">Of the fields: <c>mamba_</c> in hybrids.</param>
    /// <param name="norms">Step sizes and projections pass norms (Jamba).</param>
    public static Part Mamba(string prefix = "", bool norms = false) => (scope, count) =>
    {
        var inner = scope.Fields.Number(prefix.Length == 0 ? "intermediate_size" : "mamba_intermediate_size") ?? Times(scope.Fields.Number($"{prefix}expand") ?? 2, scope.Hidden);
        var states = scope.Fields.Number("mamba_d_state", "state_size") ?? 16;
        var kernel = scope.Fields.Number("mamba_d_conv", "conv_kernel") ?? 4;
        var rank = scope.Fields.Number("mamba_dt_rank", "time_step_rank") ?? (scope.Hidden + 15) / 16;
        var bias = scope.Is(prefix.Length == 0 ? "use_bias" : "mamba_proj_bias");
        count.Matrix(scope.Hidden, 2 * inner);
        count.Matrix(inner, rank + (2 * states));
        count.Matrix(rank, inner);
        count.Matrix(inner, scope.Hidden);
        count.Vector(Times(inner, kernel) + Times(inner, states) + (2 * inner));
        count.Vector(inner, scope.Is(prefix.Length == 0 ? "use_conv_bias" : "mamba_conv_bias", true));
        count.Vector((2 * inner) + scope.Hidden, bias);
        count.Vector(rank + (2 * states), norms);
        count.Cache(State(scope, inner, kernel, Times(inner, states)));
    };

    /// <summary>Mamba-2 (arXiv 2405.21060).</summary>
    /// <param name="norm">A gated norm of the inner width.</param>
    /// <param name="inner">Width inside; null for <c>mamba_expand</c> times the hidden size.</param>
    public static Part Mamba2(Func<LayerScope, bool>? norm = null, Func<LayerScope, long>? inner = null) => (scope, count) =>
    {
        var heads = scope.Need("mamba_num_heads", "mamba_n_heads", "n_mamba_heads", "num_heads");
        var width = inner?.Invoke(scope) ?? Times(scope.Fields.Number("mamba_expand", "expand") ?? 2, scope.Hidden);
        _ = scope.Or0("mamba_d_head", "mamba_headdim", "attention_head_dim");
        var states = scope.Fields.Number("mamba_d_state", "ssm_state_size", "state_size") ?? 128;
        var kernel = scope.Fields.Number("mamba_d_conv", "conv_kernel") ?? 4;
        var channels = width + (2 * Times(scope.Fields.Number("mamba_n_groups", "mamba_ngroups", "n_groups") ?? 1, states));
        count.Matrix(scope.Hidden, width + channels + heads);
        count.Matrix(width, scope.Hidden);
        count.Vector(Times(channels, kernel) + (3 * heads));
        count.Vector(channels, scope.Is("mamba_conv_bias", scope.Is("use_conv_bias", true)));
        count.Vector(width + channels + heads + scope.Hidden, scope.Is("mamba_proj_bias", scope.Is("add_bias_linear", scope.Is("use_bias"))));
        count.Vector(width, norm?.Invoke(scope) ?? true);
        count.Cache(State(scope, channels, kernel, Times(width, states)));
    };

    /// <summary>Gated delta net (arXiv 2412.06464): a convolution over queries, keys and values, a decay and a strength for each head, a gated norm.</summary>
    public static void GatedDelta(LayerScope scope, PartCount count) => GatedDelta(scope, count, separate: false);

    /// <summary>The same with three convolutions, whose class keeps no more than they need and the state in fp32 (OLMo Hybrid).</summary>
    public static void SeparateGatedDelta(LayerScope scope, PartCount count) => GatedDelta(scope, count, separate: true);

    private static void GatedDelta(LayerScope scope, PartCount count, bool separate)
    {
        var (keyHeads, valueHeads) = (scope.Need("linear_num_key_heads"), scope.Need("linear_num_value_heads"));
        var (keyWidth, valueWidth) = (scope.Need("linear_key_head_dim"), scope.Need("linear_value_head_dim"));
        var (keys, values, kernel) = (Times(keyHeads, keyWidth), Times(valueHeads, valueWidth), scope.Fields.Number("linear_conv_kernel_dim") ?? 4);
        var channels = (2 * keys) + values;
        count.Matrix(scope.Hidden, channels + values);
        count.Whole(scope.Hidden, 2 * valueHeads);
        count.Matrix(values, scope.Hidden);
        count.Vector(Times(channels, kernel) + (2 * valueHeads) + valueWidth);
        var state = Times(valueHeads, keyWidth, valueWidth);
        count.Cache(separate ? new LayerCache { State = Times(channels, Math.Max(0, kernel - 1)), WideState = state } : State(scope, channels, kernel, state));
    }

    /// <summary>
    /// Kimi delta attention (arXiv 2510.26692): a convolution over queries, keys and values, a decay of each channel and a gate through narrow matrices, a
    /// strength for each head, a norm. The state is fp32 (vllm model_executor/layers/mamba/mamba_utils.py, kda_state_dtype).
    /// </summary>
    public static void KimiDelta(LayerScope scope, PartCount count)
    {
        var linear = scope.Fields.Nested("linear_attn_config") ?? throw scope.Fields.Refusal("linear_attn_config is missing; it says what the layers without a cache are");
        var (heads, width) = (linear.RequiredNumber("num_heads"), linear.RequiredNumber("head_dim"));
        var (inner, kernel) = (Times(heads, width), linear.Number("short_conv_kernel_size") ?? 4);
        count.Matrix(scope.Hidden, 3 * inner);
        count.Whole(scope.Hidden, width, 2);
        count.Matrix(width, 2 * inner);
        count.Matrix(scope.Hidden, heads);
        count.Matrix(inner, scope.Hidden);
        count.Vector(Times(3 * inner, kernel) + heads + inner + width);
        count.Cache(State(scope, 3 * inner, kernel, Times(heads, width, width)) with { StateIsWide = true });
    }

    /// <summary>A short convolution between two gates (LFM2).</summary>
    public static void ShortConvolution(LayerScope scope, PartCount count)
    {
        var kernel = scope.Need("conv_L_cache");
        var bias = scope.Is("conv_bias");
        count.Matrix(scope.Hidden, 3 * scope.Hidden);
        count.Matrix(scope.Hidden, scope.Hidden);
        count.Vector(Times(scope.Hidden, kernel));
        count.Vector(5 * scope.Hidden, bias);
        count.Cache(State(scope, scope.Hidden, kernel, 0));
    }

    /// <summary>Lightning attention (arXiv 2405.17381): a matrix of each head's state, a gate and a norm.</summary>
    public static void Lightning(LayerScope scope, PartCount count)
    {
        var width = Times(scope.Heads, scope.HeadDimension);
        count.Matrix(scope.Hidden, 4 * width);
        count.Matrix(width, scope.Hidden);
        count.Vector(width);
        count.Cache(State(scope, 0, 0, Times(scope.Heads, scope.HeadDimension, scope.HeadDimension)));
    }

    /// <summary>RWKV-4 (arXiv 2305.13048): time mixing, then channel mixing.</summary>
    public static void Rwkv(LayerScope scope, PartCount count)
    {
        var (attention, inner) = (scope.Fields.Number("attention_hidden_size") ?? scope.Hidden, scope.Fields.Number("intermediate_size") ?? Times(4, scope.Hidden));
        count.Matrix(scope.Hidden, attention, 4);
        count.Matrix(scope.Hidden, inner, 2);
        count.Matrix(scope.Hidden, scope.Hidden);
        count.Vector((2 * attention) + (5 * scope.Hidden));
        count.Dense(inner, gated: false);
        count.Cache(new LayerCache { State = 2 * scope.Hidden, WideState = 3 * attention });
    }

    /// <summary>A matrix memory for each head (xLSTM, arXiv 2405.04517).</summary>
    public static void MatrixMemory(LayerScope scope, PartCount count)
    {
        var heads = scope.Need("num_heads");
        var (keys, values) = (Scaled(scope, "qk_dim_factor", 0.5), Scaled(scope, "v_dim_factor", 1));
        var inner = RoundUp((long)(scope.Hidden * Factor(scope, "ffn_proj_factor", 2.667)), scope.Fields.Number("ffn_round_up_to_multiple_of") ?? 64);
        count.Matrix(scope.Hidden, (2 * keys) + (2 * values));
        count.Matrix(values, scope.Hidden);
        count.Whole(scope.Hidden, 2 * heads);
        count.Vector((2 * heads) + values);
        count.DenseMatrix(scope.Hidden, inner, 3);
        count.Dense(inner, gated: true);
        count.Cache(State(scope, 0, 0, heads == 0 ? 0 : (Times(keys, values) / heads) + keys + heads));
    }

    /// <summary>A gated linear recurrence behind a convolution (Griffin, arXiv 2402.19427).</summary>
    public static void LinearRecurrence(LayerScope scope, PartCount count)
    {
        var width = scope.Fields.Number("lru_width") ?? scope.Hidden;
        var kernel = scope.Fields.Number("conv1d_width") ?? 4;
        count.Matrix(scope.Hidden, width, 2);
        count.Matrix(width, scope.Hidden);
        count.Whole(width, scope.Heads == 0 ? 0 : width / scope.Heads, 2);
        count.Vector(Times(width, kernel) + (6 * width) + scope.Hidden);
        count.Cache(new LayerCache { State = Times(width, Math.Max(0, kernel - 1)), WideState = width });
    }

    public static LayerCache State(LayerScope scope, long channels, long kernel, long state) => new()
    {
        Channels = channels, Kernel = LayerScope.Int(kernel), State = state, StateIsWide = (scope.Fields.Text("mamba_ssm_dtype") ?? scope.Fields.Text("mamba_ssm_cache_dtype")) == "float32",
    };

    public static long RoundUp(long value, long multiple) => multiple <= 1 ? value : (value / multiple * multiple) + (value % multiple > 0 ? multiple : 0);

    private static long Scaled(LayerScope scope, string field, double usual) => (long)(scope.Hidden * Factor(scope, field, usual));

    public static double Factor(LayerScope scope, string field, double usual) => scope.Fields.Fraction(field) ?? usual;
}
