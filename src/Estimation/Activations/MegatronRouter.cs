namespace GpuMem.Estimation.Activations;

/// <summary>
/// What Megatron Core's router and the exchange of tokens keep of each token beside the tokens themselves (megatron/core/transformer/moe: router.py,
/// moe_utils.py, token_dispatcher.py). For top-k over a softmax with an auxiliary loss, in the compute type.
/// </summary>
internal static class MegatronRouter
{
    // An index of torch is a long.
    private const long Index = 8;

    /// <summary>More than the eight bytes per expert that every router is taken to keep; less where they are fewer.</summary>
    public static TokenBytes Beyond(in RankContext rank)
    {
        if (rank.Model.Experts is not { } mixture || !MegatronLayer.Knows(rank))
            return default;
        checked
        {
            var (experts, active, compute) = ((long)mixture.Count, (long)mixture.ActivePerToken, rank.Recipe.Compute);

            // Which experts, the softmax of their logits in fp32; for all experts their weight, whether they were picked, and the auxiliary loss's softmax.
            var picked = ((Index + 4) * active) + ((compute + 1 + 4) * experts);
            var order = rank.Code.FusesPermutation
                ? (4 * ((2 * experts) + 1)) + (2 * 4 * active) // Transformer Engine pytorch/triton/permutation.py, row_id_map, and those of both sorts
                : rank.Job.Parallelism.ExpertPadding ? 2 * Index * active : (Index * active) + ((compute + 1) * experts);

            // Experts keep the weights of what they get.
            return new TokenBytes(picked + order + (compute * active) - (8 * experts), 0);
        }
    }

    /// <summary>The shared experts' result is multiplied with a gate, and so kept (shared_experts.py).</summary>
    public static TokenBytes SharedGate(in RankContext rank) =>
        rank.Model.Experts is { SharedGate: true } && MegatronLayer.Knows(rank) ? new(checked(rank.Recipe.Compute * rank.Shape.Hidden), 0) : default;
}
