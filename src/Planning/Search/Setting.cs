using GpuMem.Estimation.Jobs;

namespace GpuMem.Planning.Search;

/// <summary>What is left open beside a layout: how a rank works on its part of a step.</summary>
/// <param name="Recompute">What is computed again in backward.</param>
/// <param name="Sequences">Of one micro-batch.</param>
/// <param name="Training">The job's, with these.</param>
internal readonly record struct Setting(Recompute Recompute, long Sequences, TrainingSpec Training)
{
    public static Setting Of(TrainingSpec training, Recompute recompute, long sequences) => new(recompute, sequences, training with
    {
        Recompute = recompute,
        MicroBatchSize = sequences,
        RecomputeModules = recompute == Recompute.Selective ? training.RecomputeModules : RecomputeModules.None,
        RecomputeLayers = recompute == Recompute.Full ? training.RecomputeLayers : null,
    });
}
