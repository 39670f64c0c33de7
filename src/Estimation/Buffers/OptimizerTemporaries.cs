using GpuMem.Estimation.Arithmetic;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Ranks;
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

            // torch's multi-tensor ("foreach") step makes one copy of the local parameters; its fused step does not.
            var foreachCopy = rank.Training switch
            {
                _ when rank.StepsInBackward => 0,
                { OptimizerImplementation: OptimizerImplementation.Fused or OptimizerImplementation.ForLoop }
                    or { OptimizerImplementation: null, Framework: TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron } => 0,
                _ => Ratio.DivideUp(rank.Recipe.Weight * rank.Trained.Total, rank.Recipe.ShardOptimizer ? rank.Shards : 1),
            };
            return states.GradientCopy + new Amount(muon + (rank.Training.OptimizerImplementation == OptimizerImplementation.Foreach ? foreachCopy : 0), muon + foreachCopy);
        }
    }
}
