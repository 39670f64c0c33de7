using GpuMem.Catalogues.Models;
using static GpuMem.Catalogues.Parts.Ends;
using static GpuMem.Catalogues.Parts.PartCount;
using static GpuMem.Catalogues.Parts.Recurrences;

namespace GpuMem.Catalogues.Parts;

/// <summary>Zamba and Zamba2 (arXiv 2405.16712, 2411.15242): one attention block, or a few, that layers here and there use together, each with a projection of its own.</summary>
internal static class Zamba
{
    public static readonly ModelType First = new()
    {
        Layer = [FirstMamba, Norms(1), (s, c) => Hybrid(s, c, blocks: 1)], Tied = true,
    };

    public static readonly ModelType Second = new()
    {
        Layer = [Mamba2(), Norms(1), (s, c) => Hybrid(s, c, s.Fields.Number("num_mem_blocks") ?? 1)], Tied = true,
    };

    private static bool IsHybrid(LayerScope scope) => scope.Kind == "hybrid";

    /// <summary>The inner width is cut into heads that make their step sizes and projections apart.</summary>
    private static void FirstMamba(LayerScope scope, PartCount count)
    {
        var inner = Times(scope.Fields.Number("mamba_expand") ?? 2, scope.Hidden);
        var (states, kernel) = (scope.Fields.Number("mamba_d_state") ?? 16, scope.Fields.Number("mamba_d_conv") ?? 4);
        var rank = scope.Fields.Number("mamba_dt_rank") ?? (scope.Hidden + 15) / 16;
        count.Matrix(scope.Hidden, 2 * inner);
        count.Matrix(inner, rank + (2 * states));
        count.Matrix(rank, inner);
        count.Matrix(inner, scope.Hidden);
        count.Vector(Times(inner, kernel) + Times(inner, states) + (2 * inner));
        count.Vector(inner, scope.Is("mamba_conv_bias", true));
        count.Vector((2 * inner) + scope.Hidden, scope.Is("mamba_proj_bias"));
        count.Cache(State(scope, inner, kernel, Times(inner, states)));
    }

    private static void Hybrid(LayerScope scope, PartCount count, long blocks)
    {
        if (!IsHybrid(scope))
            return;
        count.Matrix(scope.Hidden, scope.Hidden);
        var width = Times(scope.Heads, Width(scope));
        count.Cache(Attentions.Cache(scope, scope.KeyValueHeads, Width(scope)));
        var earlier = scope.Fields.Texts("layers_block_type")?.Take(scope.Index).Count(kind => kind == "hybrid") ?? 0;
        var rank = scope.Or0("adapter_rank");
        if (scope.Is("use_shared_attention_adapter"))
            count.Matrix(rank, 2 * scope.Hidden, 6);

        // Adapters of the common feed-forward are made for all layers that use it, in each of its blocks.
        if (scope.Fields.Has("adapter_rank"))
        {
            count.Matrix(scope.Hidden, rank);
            count.Matrix(rank, 2 * FeedForwards.Width(scope));
        }

        if (earlier >= blocks)
            return;
        count.Matrix(2 * scope.Hidden, width);
        count.Matrix(2 * scope.Hidden, Times(scope.KeyValueHeads, Width(scope)), 2);
        count.Matrix(width, scope.Hidden);
        count.DenseMatrix(scope.Hidden, FeedForwards.Width(scope), 3);
        count.Dense(FeedForwards.Width(scope), gated: true);
        count.Vector(3 * scope.Hidden);
    }

    private static long Width(LayerScope scope) => scope.Fields.Number("attention_head_dim") ?? (scope.Heads == 0 ? 0 : 2 * scope.Hidden / scope.Heads);
}
