using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;

namespace GpuMem.Estimation.States;

/// <summary>Weights, gradients and optimizer state of one rank after sharding (ZeRO, arXiv 1910.02054, section 5; FSDP, arXiv 2304.11277).</summary>
internal readonly struct ModelStates
{
    public ModelStates(in RankContext rank)
    {
        var recipe = rank.Recipe;
        var weightShard = rank.Base.Shard(recipe.ShardWeights ? rank.Shards : 1);
        var gradientShard = rank.Trained.Shard(recipe.ShardGradients ? rank.Shards : 1);
        var optimizerShard = rank.Trained.Shard(recipe.ShardOptimizer ? rank.Shards : 1);
        checked
        {
            if (rank.IsAdapted)
            {
                var adapterShard = rank.Trained.Shard(recipe.ShardWeights ? rank.Shards : 1);
                Weights = FrozenBase(rank, weightShard);
                Adapters = Amount.WithMargin(recipe.Weight * adapterShard.Total, percent: 2);
            }
            else
            {
                Weights = Amount.WithMargin(recipe.Weight * weightShard.Total, percent: 2);
            }

            Master = Amount.WithMargin(recipe.Master * optimizerShard.Total, percent: 2);
            Gradients = Amount.WithMargin(recipe.Gradient * gradientShard.Total, percent: 5);
            GradientCopy = Amount.WithMargin(recipe.GradientCopy * optimizerShard.Total, percent: 5);
        }

        var training = rank.Training;
        var wideEmbedding = training.Framework == TrainingFramework.HuggingFace && !rank.IsAdapted;
        Optimizer = OptimizerState.Of(training.Optimizer, optimizerShard, recipe.Moment, wideEmbedding);
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

    private static Amount FrozenBase(in RankContext rank, in ParameterTally shard)
    {
        if (!rank.IsQuantised)
            return FrozenWeights.Plain(shard, rank.Recipe.Compute);

        // peft src/peft/utils/other.py, prepare_model_for_kbit_training: what is not quantised becomes fp32.
        var rest = rank.Training.Framework == TrainingFramework.HuggingFace ? 4 : rank.Recipe.Compute;
        return FrozenWeights.NormalFloat4(shard, rest);
    }
}
