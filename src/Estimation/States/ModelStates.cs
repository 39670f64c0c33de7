using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Calibration;
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
            var whole = Margins.OfStates(recipe.Weight * weights.Total);
            Weights = (rank.IsAdapted ? Margins.OfStates(FrozenBase(rank)) : whole).Shard(weightShards);
            Adapters = rank.IsAdapted ? whole.Shard(weightShards) : default;
            Master = Margins.OfStates(recipe.Master * states.Total).Shard(optimizerShards);
            var gradientShards = recipe.ShardGradients ? rank.Shards : 1;

            // Without synchronisation between micro-batches, FSDP's flat parameters keep gradients as long as they are gathered: frozen weights included.
            Gradients = rank is { Code.AccumulatesWhole: true, IsFullySharded: true, AccumulatesGradients: true }
                ? Margins.OfGradients(recipe.Gradient * (rank.Base.Total - rank.RootParameters))
                : Margins.OfGradients(recipe.Gradient * gradients.Total).Shard(gradientShards);
            if (rank.StepsInBackward)
                Gradients = Smaller(Gradients, LargestGradient(rank, gradients).Shard(gradientShards));
            GradientCopy = Margins.OfGradients(recipe.GradientCopy * states.Total).Shard(optimizerShards);
        }

        var wideEmbedding = training.Framework == TrainingFramework.HuggingFace && !rank.IsAdapted;
        var optimizer = training.Optimizer == Jobs.Optimizer.GaLore
            ? Margins.OfGradients(GaLoreState.Of(rank, states))
            : Margins.OfStates(OptimizerState.Of(training.Optimizer, states, recipe.Moment, wideEmbedding, recipe.SecondMoment));
        Optimizer = optimizer.Shard(optimizerShards);
        // Averages follow the weights that they average; a frozen model under adapters is its own reference.
        MovingAverage = training.MovingAverage ? Margins.OfStates(checked(4 * states.Total)).Shard(optimizerShards) : default;
        ReferenceModel = training.ReferenceModel && !rank.IsAdapted
            ? Margins.OfStates(checked(recipe.Compute * WholeBase(rank).Total)).Shard(weightShards)
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

    /// <summary>All that a step in backward leaves of gradients: each is used and freed before the next.</summary>
    private static Amount LargestGradient(in RankContext rank, in ParameterTally gradients) =>
        Amount.Exactly(checked(rank.Recipe.Gradient * Math.Min(gradients.Total, rank.Shape.Vocabulary * rank.Shape.Hidden)));

    private static Amount Smaller(Amount a, Amount b) => new(Math.Min(a.Expected, b.Expected), Math.Min(a.Upper, b.Upper));

    private static ParameterTally WholeBase(in RankContext rank) => rank.Recipe.ShardWeights ? rank.Divisible(rank.Base) : rank.Base;

    private static long FrozenBase(in RankContext rank) => rank.IsQuantised
        ? FrozenWeights.Quantized(
            WholeBase(rank), FrozenWeights.PerWeight(rank.Training.Quantization), rank.QuantisedHead, rank.UnquantisedBytes)
        : checked(rank.Recipe.Frozen * WholeBase(rank).Total);
}
