namespace GpuMem.Estimation.Activations;

/// <summary>
/// What products in 8 bits change in what a layer of Megatron Core saves: Transformer Engine keeps a product's input as it was cast, half as large
/// (pytorch/module/linear.py, layernorm_linear.py, grouped_linear.py), and where others keep that tensor as it was, the cast comes on top.
/// </summary>
internal static class MegatronCasts
{
    public static TokenBytes Of(in RankContext rank, LayerKind kind)
    {
        // Modules that come again count as if in 16 bits.
        if (!MegatronLayer.Knows(rank) || !rank.Recipe.NarrowProducts || kind == LayerKind.StateSpace
            || (rank.Training.RecomputeModules | RecomputeModules.AttentionCore) != RecomputeModules.AttentionCore)
            return default;
        checked
        {
            var (model, shape) = (rank.Model, rank.Shape);

            // Latent attention casts the result of its norm twice, once for each of its narrow vectors. Attention keeps what it returns.
            var sum = new TokenBytes(model.Latent is { } latent ? -latent.QueryRank - latent.KeyValueRank : -shape.Hidden, shape.AttentionOutput);
            if (kind != LayerKind.Experts)
                return sum + new TokenBytes(-shape.Hidden, -shape.FeedForward);

            // The router keeps the result of the norm, which shared experts cast.
            var mixture = model.Experts!;
            var (imbalance, _) = ExpertActivations.Imbalance(model, rank.Job.Parallelism);
            var routed = imbalance.Of(mixture.ActivePerToken * (shape.Hidden + shape.ExpertSize));
            sum += shape.CutsExperts ? new TokenBytes(0, -routed) : new TokenBytes(-shape.ExpertTensor * routed, 0);
            return sum + new TokenBytes(shape.SharedSize > 0 ? shape.Hidden : 0, -shape.SharedSize);
        }
    }
}
