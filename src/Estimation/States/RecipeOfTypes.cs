using GpuMem.Estimation.Jobs;

namespace GpuMem.Estimation.States;

/// <summary>The recipe of a job that states the type of each tensor itself.</summary>
internal static class RecipeOfTypes
{
    public static StateRecipe For(DataTypes types, JobSpec job)
    {
        var (framework, sharding) = (job.Training.Framework, job.Parallelism.Sharding);
        var adapted = job.Training.Method != TrainingMethod.Full;
        var (weights, compute, gradients) = (types.Weights.Bytes(), types.Compute.ActivationBytes(), types.Gradients.Bytes());
        return new StateRecipe
        {
            Weight = adapted && types.Adapters is { } adapters ? adapters.Bytes() : weights,
            Frozen = weights,
            Master = types.Master?.Bytes() ?? 0,
            Gradient = gradients,

            // Small tensors of block-wise optimizers keep fp32 moments; the large ones are counted by the optimizer itself.
            Moment = types.Moments == DataType.INT8 ? 4 : types.Moments.Bytes(),
            GradientCopy = StepCopy(types, framework, gradients),
            Compute = compute,
            NarrowProducts = types.Compute.IsNarrow(),
            Autocast = weights == 4 && compute < 4 && !StateRecipe.IsFullySharded(framework, sharding) && job.Training.Method != TrainingMethod.QLoRA,
            PersistentGradients = framework is TrainingFramework.Megatron or TrainingFramework.DeepSpeed or TrainingFramework.Nanotron,
            Source = RecipeSource.Stated,
        };
    }

    /// <summary>
    /// Half-precision gradients become fp32 for the step of an fp32 master copy. Nanotron's second copy is the other way around: a bf16 gradient
    /// that is added to the fp32 buffer and freed as soon as it is made (nanotron src/nanotron/optim/gradient_accumulator.py).
    /// </summary>
    private static int StepCopy(DataTypes types, TrainingFramework framework, int gradients) => framework switch
    {
        TrainingFramework.Nanotron => 0,
        TrainingFramework.DeepSpeed when gradients < 4 && types.Master == DataType.FP32 => 4,
        _ => types.GradientCopy?.Bytes() ?? 0,
    };
}
