namespace GpuMem.Estimation.Buffers;

/// <summary>What the optimizer step needs beyond its state.</summary>
internal static class OptimizerTemporaries
{
    public static Amount Of(in RankContext rank, in ModelStates states)
    {
        if (ModelStates.StepsOnHost(rank))
            return default;
        var step = Step(rank).Bytes;
        return states.GradientCopy + Amount.Exactly(Products(rank).Whole) + new Amount(Implementation(rank) is null ? 0 : step, step);
    }

    /// <summary>What is not certain is told where nothing else is.</summary>
    public static Explanation Explain(in RankContext rank)
    {
        var certain = ModelStates.GradientCopyOf(rank).Explain() + Products(rank).Explain();
        return Implementation(rank) is null && certain != Explanation.None ? certain : certain + Step(rank).Explain();
    }

    /// <summary>Newton–Schulz works on one whole matrix in bf16, with two products of the same size.</summary>
    private static Formula Products(in RankContext rank) => rank.Training.Optimizer != Optimizer.Muon || rank.IsAdapted ? default : new(
        "3 · β · largest matrix", "Muon, arXiv 2502.16982", new(2, rank.Shape.Hidden * 3, Math.Max(rank.Shape.FeedForward, rank.Shape.Query)));

    /// <summary>
    /// torch.optim: the multi-tensor ("foreach") step takes the roots of all second moments at once, a copy as large as the local parameters; the loop
    /// has two tensors as large as the one it is at; the fused step has none.
    /// </summary>
    private static Formula Step(in RankContext rank)
    {
        const string source = "torch.optim, foreach";
        var (weight, shards) = (rank.Recipe.Weight, rank.Recipe.ShardOptimizer ? rank.Shards : 1);
        return Implementation(rank) switch
        {
            OptimizerImplementation.Fused => default,
            OptimizerImplementation.ForLoop => new("2 · β · largest tensor", "torch.optim, a loop over tensors", new(weight, LargestTensor(rank), 2), shards: shards),
            OptimizerImplementation.Foreach => new("β · N, roots of the second moments", source, new(weight, rank.Trained.Total), shards: shards),
            _ => new("β · N at most, if the optimizer takes all tensors at once", source, new(weight, rank.Trained.Total), shards: shards),
        };
    }

    /// <summary>AdamW's plain constructor takes foreach on a GPU; null where nobody says.</summary>
    private static OptimizerImplementation? Implementation(in RankContext rank) => rank.StepsInBackward ? OptimizerImplementation.Fused : rank.Training switch
    {
        { OptimizerImplementation: { } stated } => stated,
        { Framework: TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron } => OptimizerImplementation.Fused,
        { Optimizer: Optimizer.AdamW } => rank.Code.Step,
        _ => null,
    };

    /// <summary>Of those that are trained: the embedding, beside adapters what is trained whole, or the experts of a layer, which transformers 5 keeps in one tensor for gate and up.</summary>
    private static long LargestTensor(in RankContext rank) => checked(rank.IsAdapted
        ? rank.Trained.Total - rank.Trained.Matrices
        : Math.Max(rank.Shape.Vocabulary * rank.Shape.Hidden, rank.Code.GroupsExperts ? 2 * rank.Layer.Experts.Total / 3 : 0));
}
