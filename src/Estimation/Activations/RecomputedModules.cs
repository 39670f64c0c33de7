namespace GpuMem.Estimation.Activations;

/// <summary>What a layer with fused kernels does not keep when parts of it are computed again (Megatron-LM megatron/core/transformer). In elements of two bytes.</summary>
internal static class RecomputedModules
{
    public static TokenBytes Of(RecomputeModules modules, ModelArchitecture model, in RankShape shape, LayerKind kind, Ratio imbalance, bool results)
    {
        checked
        {
            var (sum, gated) = (default(TokenBytes), model.GatedFeedForward ? 6L : 4L);
            if (modules.HasFlag(RecomputeModules.Norms))
                sum += new TokenBytes(4 * shape.Hidden, 0);
            if (modules.HasFlag(RecomputeModules.LatentUpProjection) && model.Latent is not null)
                sum += new TokenBytes(0, (4 * shape.Query) + (2 * shape.AttentionOutput));
            if (kind != LayerKind.Experts)
                return modules.HasFlag(RecomputeModules.FeedForward) ? sum + new TokenBytes(0, gated * shape.FeedForward) : sum;

            var mixture = model.Experts!;
            var all = ExpertActivations.Of(mixture, shape, imbalance, gated, results);
            var shared = new TokenBytes(0, gated * shape.SharedSize);
            if (modules.HasFlag(RecomputeModules.Experts))
                return sum + all;
            if (modules.HasFlag(RecomputeModules.ExpertActivation))
                sum += new TokenBytes(0, imbalance.Of(2 * mixture.ActivePerToken * shape.ExpertSize));
            return modules.HasFlag(RecomputeModules.SharedExperts) ? sum + shared : sum;
        }
    }
}
