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
            Gradients = Amount.WithMargin(recipe.Gradient * gradients.Total, percent: 5).Shard(recipe.ShardGradients ? rank.Shards : 1);
            GradientCopy = Amount.WithMargin(recipe.GradientCopy * states.Total, percent: 5).Shard(optimizerShards);
        }

        var wideEmbedding = training.Framework == TrainingFramework.HuggingFace && !rank.IsAdapted;
        Optimizer = OptimizerState.Of(training.Optimizer, states, recipe.Moment, wideEmbedding).Shard(optimizerShards);
    }

    public Amount Weights { get; }

    public Amount Adapters { get; }

    public Amount Master { get; }

    public Amount Gradients { get; }

    /// <summary>Only during the optimizer step.</summary>
    public Amount GradientCopy { get; }

    public Amount Optimizer { get; }

    /// <summary>What is certain: it is all alive at once in the optimizer step.</summary>
    public long Least => checked(Weights.Expected + Adapters.Expected + Master.Expected + Gradients.Expected + Optimizer.Expected);

    private static Amount FrozenBase(in RankContext rank)
    {
        var tally = rank.Recipe.ShardWeights ? rank.Divisible(rank.Base) : rank.Base;
        if (!rank.IsQuantised)
            return FrozenWeights.Plain(tally, rank.Recipe.Compute);

        // peft src/peft/utils/other.py, prepare_model_for_kbit_training: what is not quantised becomes fp32.
        var rest = rank.Training.Framework == TrainingFramework.HuggingFace ? 4 : rank.Recipe.Compute;
        return FrozenWeights.NormalFloat4(tally, rest);
    }
}
