using GpuMem.Estimation.States;

namespace GpuMem.Estimation.Buffers;

/// <summary>What the optimizer step needs beyond its state.</summary>
internal static class OptimizerTemporaries
{
    public static Amount Of(in RankContext rank, in ModelStates states)
    {
        if (ModelStates.StepsOnHost(rank))
            return default;
        checked
        {
            // Newton–Schulz works on one whole matrix in bf16, with two products of the same size (arXiv 2502.16982).
            var muon = rank.Training.Optimizer == Optimizer.Muon && !rank.IsAdapted
                ? 3 * 2 * rank.Shape.Hidden * Math.Max(rank.Shape.FeedForward, rank.Shape.Query)
                : 0;

            return states.GradientCopy + Amount.Exactly(muon) + Step(rank);
        }
    }

    /// <summary>
    /// torch.optim: the multi-tensor ("foreach") step takes the roots of all second moments at once, a copy as large as the local parameters; the loop
    /// has two tensors as large as the one it is at; the fused step has none. AdamW's plain constructor takes the first on a GPU.
    /// </summary>
    private static Amount Step(in RankContext rank)
    {
        var training = rank.Training;
        if (rank.StepsInBackward)
            return default;
        var implementation = training.OptimizerImplementation;
        if (implementation is null && training.Framework is TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron)
            return default;
        if (implementation is null && training.Optimizer == Optimizer.AdamW)
            implementation = rank.Code.Step;
        return implementation switch
        {
            OptimizerImplementation.Fused => default,
            OptimizerImplementation.ForLoop => Shard(rank, 2 * LargestTensor(rank)),
            OptimizerImplementation.Foreach => Shard(rank, rank.Trained.Total),
            _ => Shard(rank, rank.Trained.Total) with { Expected = 0 },
        };
    }

    private static Amount Shard(in RankContext rank, long weights) =>
        Amount.Exactly(Ratio.DivideUp(checked(rank.Recipe.Weight * weights), rank.Recipe.ShardOptimizer ? rank.Shards : 1));

    /// <summary>Of those that are trained: the embedding, beside adapters what is trained whole, or the experts of a layer, which transformers 5 keeps in one tensor for gate and up.</summary>
    private static long LargestTensor(in RankContext rank) => checked(rank.IsAdapted
        ? rank.Trained.Total - rank.Trained.Matrices
        : Math.Max(rank.Shape.Vocabulary * rank.Shape.Hidden, rank.Code.GroupsExperts ? 2 * rank.Layer.Experts.Total / 3 : 0));
}
