namespace GpuMem.Estimation.Activations;

/// <summary>What a layer with fused kernels does not keep when parts of it are computed again (Megatron-LM megatron/core/transformer). In elements of two bytes.</summary>
internal static class RecomputedModules
{
    public static TokenBytes Of(in RankContext rank, LayerKind kind, Ratio imbalance)
    {
        checked
        {
            var (modules, model, shape) = (rank.Training.RecomputeModules, rank.Model, rank.Shape);
            var (sum, gated) = (default(TokenBytes), model.GatedFeedForward ? 6L : 4L);

            // Most norms are part of the product that follows, which keeps their result; those before experts and latent attention are modules of their own
            // (models/gpt/gpt_layer_specs.py).
            if (modules.HasFlag(RecomputeModules.Norms))
                sum += new TokenBytes(((model.Latent is null ? 0 : 2) + (kind == LayerKind.Experts ? 2 : 0)) * shape.Hidden, 0);

            // From the narrow vectors on, with the norms that these pass.
            if (modules.HasFlag(RecomputeModules.LatentUpProjection) && model.Latent is { } latent)
                sum += new TokenBytes(2L * (latent.QueryRank + latent.KeyValueRank), (4 * shape.Query) + (2 * shape.AttentionOutput));

            // The norm is part of the first product: its input stays, its result does not.
            if (kind != LayerKind.Experts)
                return modules.HasFlag(RecomputeModules.FeedForward) ? sum + new TokenBytes(2 * shape.Hidden, gated * shape.FeedForward) : sum;

            var mixture = model.Experts!;
            if (modules.HasFlag(RecomputeModules.Experts))
                return sum + ExpertActivations.Of(mixture, shape, imbalance, gated, !rank.Code.WeighsInsideExperts) + MegatronRouter.Beyond(rank) + MegatronRouter.SharedGate(rank);
            if (modules.HasFlag(RecomputeModules.ExpertActivation))
                sum += Inside(shape, imbalance.Of(2 * mixture.ActivePerToken * shape.ExpertSize));
            return modules.HasFlag(RecomputeModules.SharedExperts) ? sum + new TokenBytes(0, gated * shape.SharedSize) + MegatronRouter.SharedGate(rank) : sum;
        }
    }

    private static TokenBytes Inside(in RankShape shape, long bytes) => shape.CutsExperts ? new(0, bytes) : new(checked(shape.ExpertTensor * bytes), 0);
}
