using GpuMem.Estimation.Models;
using static GpuMem.Catalogues.Parts.PartCount;

namespace GpuMem.Catalogues.Parts;

/// <summary>The kinds of feed-forward layers.</summary>
internal static class FeedForwards
{
    private static readonly string[] Widths = ["intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim", "d_inner", "dim_ff", "dff", "decoder_ffn_dim"];

    /// <summary>Gate, up and down.</summary>
    /// <param name="width">Null for the usual fields.</param>
    /// <param name="bias">Null for <c>mlp_bias</c>.</param>
    public static Part Gated(Func<LayerScope, long>? width = null, Func<LayerScope, bool>? bias = null) => Layer(3, width, bias);

    /// <summary>Up and down.</summary>
    /// <param name="width">Null for the usual fields.</param>
    /// <param name="bias">Null for <c>mlp_bias</c>.</param>
    public static Part Plain(Func<LayerScope, long>? width = null, Func<LayerScope, bool>? bias = null) => Layer(2, width, bias);

    public static long Width(LayerScope scope) => scope.Fields.Number(Widths) ?? Times(4, scope.Hidden);

    /// <summary>A router and the experts it picks from, perhaps with some that every token passes.</summary>
    /// <param name="experts">The field that counts them; null for the usual ones.</param>
    /// <param name="width">Of one expert; null for the usual fields.</param>
    /// <param name="shared">Width of all shared experts together.</param>
    /// <param name="gated">Three matrices instead of two.</param>
    /// <param name="routerBias">A bias or a correction for each expert that is a parameter.</param>
    /// <param name="sharedGate">A gate of one output before the shared experts.</param>
    /// <param name="expertBias">Biases of the experts' matrices.</param>
    /// <param name="active">Experts that work on a token; null for the usual fields.</param>
    /// <param name="idle">Experts that the router may pick and that compute nothing.</param>
    public static Part Experts(
        Func<LayerScope, long>? experts = null,
        Func<LayerScope, long>? width = null,
        Func<LayerScope, long>? shared = null,
        bool gated = true,
        bool routerBias = false,
        bool sharedGate = false,
        bool expertBias = false,
        Func<LayerScope, long>? active = null,
        Func<LayerScope, long>? idle = null) => (scope, count) =>
    {
        var number = experts?.Invoke(scope) ?? scope.Need("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts");
        var picked = active?.Invoke(scope) ?? scope.Fields.Number("num_experts_per_tok", "num_experts_per_token", "experts_per_token", "moe_k", "moe_topk", "moe_top_k", "top_k_experts") ?? number;
        var inner = width?.Invoke(scope) ?? scope.Fields.Number("moe_intermediate_size") ?? scope.Need("intermediate_size", "expert_ffn_hidden_size");
        var matrices = gated ? 3 : 2;
        var common = shared?.Invoke(scope) ?? 0;
        var choices = number + (idle?.Invoke(scope) ?? 0);
        count.Plain(scope.Hidden, choices);
        count.Vector(choices, routerBias);
        count.SharedMatrix(scope.Hidden, common, matrices);
        count.Shared(common);
        if (sharedGate)
            count.Plain(scope.Hidden, 1);
        count.Routed(number, picked, inner, gated, new PartSizes(
            Times(matrices, scope.Hidden, inner), Vectors: expertBias ? Times(matrices - 1, inner) + scope.Hidden : 0, RowsAndColumns: Times(matrices, scope.Hidden + inner)));
    };

    /// <summary>So many shared experts, each as wide as a routed one.</summary>
    public static Func<LayerScope, long> SharedByCount(string field) => scope => Times(scope.Or0(field), scope.Fields.Number("moe_intermediate_size") ?? scope.Need("intermediate_size"));

    /// <summary>Dense in some layers, experts in the others.</summary>
    public static Part DenseOr(Func<LayerScope, bool> isDense, Part experts, Part? dense = null)
    {
        var plain = dense ?? Gated();
        return (scope, count) => (isDense(scope) ? plain : experts)(scope, count);
    }

    /// <summary>The first layers are dense, or those that <c>mlp_layer_types</c> says.</summary>
    public static Func<LayerScope, bool> Leading(string field) => scope => scope.At("mlp_layer_types") is { } kind ? kind == "dense" : scope.Index < scope.Or0(field);

    private static Part Layer(int matrices, Func<LayerScope, long>? width, Func<LayerScope, bool>? bias) => (scope, count) =>
    {
        var inner = width?.Invoke(scope) ?? Width(scope);
        count.DenseMatrix(scope.Hidden, inner, matrices);
        count.Dense(inner, matrices == 3);
        if (bias?.Invoke(scope) ?? scope.Is("mlp_bias"))
            count.Vector(Times(matrices - 1, inner) + scope.Hidden);
    };
}
