using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Weights, gradients and optimizer state of one rank after sharding (ZeRO, arXiv 1910.02054, section 5; FSDP, arXiv 2304.11277).</summary>
internal readonly struct ModelStates
{
    public ModelStates(in RankContext rank)
    {
        var (recipe, training, trained) = (rank.Recipe, rank.Training, rank.Trained);
        var weightShards = recipe.ShardWeights ? rank.Shards : 1;
        var optimizerShards = recipe.ShardOptimizer ? rank.Shards : 1;
        var divisible = rank.Divisible(trained);
        var (weights, gradients, states) =
            (recipe.ShardWeights ? divisible : trained, recipe.ShardGradients ? divisible : trained, recipe.ShardOptimizer ? divisible : trained);
        checked
        {
            var whole = Amount.WithMargin(recipe.Weight * weights.Total, percent: 2);
            Weights = (rank.IsAdapted ? FrozenBase(rank) : whole).Shard(weightShards);
            Adapters = rank.IsAdapted ? whole.Shard(weightShards) : default;
            Master = Amount.WithMargin(recipe.Master * states.Total, percent: 2).Shard(optimizerShards);
            Gradients = rank switch
            {
                // The largest one remains.
                { StepsInBackward: true } => Amount.Exactly(recipe.Gradient * Math.Min(gradients.Total, rank.Shape.Vocabulary * rank.Shape.Hidden)).Shard(recipe.ShardGradients ? rank.Shards : 1),

                // Without synchronisation between micro-batches, FSDP's flat parameters keep gradients as long as they are gathered: frozen weights included.
                { Code.AccumulatesWhole: true, IsFullySharded: true, AccumulatesGradients: true } => Amount.WithMargin(recipe.Gradient * (rank.Base.Total - rank.RootParameters), percent: 5),
                _ => Amount.WithMargin(recipe.Gradient * gradients.Total, percent: 5).Shard(recipe.ShardGradients ? rank.Shards : 1),
            };
            GradientCopy = Amount.WithMargin(recipe.GradientCopy * states.Total, percent: 5).Shard(optimizerShards);
        }

        var wideEmbedding = training.Framework == TrainingFramework.HuggingFace && !rank.IsAdapted;
        Optimizer = (training.Optimizer == Jobs.Optimizer.GaLore
            ? Amount.WithMargin(GaLoreState.Of(rank, states), percent: 5)
            : OptimizerState.Of(training.Optimizer, states, recipe.Moment, wideEmbedding, recipe.SecondMoment)).Shard(optimizerShards);
        // Averages follow the weights that they average; a frozen model under adapters is its own reference.
        MovingAverage = training.MovingAverage ? Amount.WithMargin(checked(4 * states.Total), percent: 2).Shard(optimizerShards) : default;
        ReferenceModel = training.ReferenceModel && !rank.IsAdapted
            ? FrozenWeights.Plain(recipe.ShardWeights ? rank.Divisible(rank.Base) : rank.Base, recipe.Compute).Shard(weightShards)
            : default;
        OffGpu = default;
        if (StepsOnHost(rank))
        {
            // On master weights and gradients that live there (ZeRO-Offload, arXiv 2101.06840, section 4).
            OffGpu = OffGpu.With(OptimizerTarget(training.Offload), Master + Optimizer + GradientCopy + MovingAverage);
            (Master, Optimizer, GradientCopy, MovingAverage) = (default, default, default, default);
            if (recipe.ShardGradients)
            {
                OffGpu = OffGpu.With(OffloadTarget.Host, Gradients);
                Gradients = default;
            }
        }

        if (training.Offload.Parameters != OffloadTarget.None)
        {
            OffGpu = OffGpu.With(training.Offload.Parameters, Weights + Adapters + ReferenceModel);
            (Weights, Adapters, ReferenceModel) = (default, default, default);
        }
    }

    public Amount Weights { get; }

    public Amount Adapters { get; }

    public Amount Master { get; }

    public Amount Gradients { get; }

    /// <summary>Only during the optimizer step.</summary>
    public Amount GradientCopy { get; }

    public Amount Optimizer { get; }

    public Amount MovingAverage { get; }

    public Amount ReferenceModel { get; }

    /// <summary>What this rank keeps in host memory and on NVMe.</summary>
    public OffGpu OffGpu { get; }

    /// <summary>What is certain: it is all alive at once in the optimizer step.</summary>
    public long Least => checked(Weights.Expected + Adapters.Expected + Master.Expected + Gradients.Expected + Optimizer.Expected + MovingAverage.Expected + ReferenceModel.Expected);

    /// <summary>The optimizer's states live off the GPU, and so does its step.</summary>
    public static bool StepsOnHost(in RankContext rank) => rank.Training.Offload.Optimizer != OffloadTarget.None || LeavesWithParameters(rank);

    /// <summary>FSDP's CPUOffload moves a shard with its gradients, and so the optimizer's states are made on the host.</summary>
    private static bool LeavesWithParameters(in RankContext rank) => rank.IsFullySharded && rank.Training.Offload.Parameters != OffloadTarget.None;

    private static OffloadTarget OptimizerTarget(OffloadSpec offload) => offload.Optimizer == OffloadTarget.None ? OffloadTarget.Host : offload.Optimizer;

    private static Amount FrozenBase(in RankContext rank)
    {
        var tally = rank.Recipe.ShardWeights ? rank.Divisible(rank.Base) : rank.Base;
        return rank.IsQuantised
            ? FrozenWeights.Quantized(tally, FrozenWeights.PerWeight(rank.Training.Quantization), rank.QuantisedHead, rank.UnquantisedBytes)
            : FrozenWeights.Plain(tally, rank.Recipe.Frozen);
    }
}
