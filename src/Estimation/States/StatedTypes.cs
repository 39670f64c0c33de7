namespace GpuMem.Estimation.States;

/// <summary>A framework's usual recipe with the types that a job states in their places.</summary>
internal static class StatedTypes
{
    public static StateRecipe Over(in StateRecipe usual, DataTypes types, JobSpec job)
    {
        var (framework, adapted) = (job.Training.Framework, job.Training.Method != TrainingMethod.Full);
        var trained = adapted ? types.Adapters : types.Weights;
        var (weight, frozen) = (trained?.Bytes() ?? usual.Weight, types.Weights?.Bytes() ?? usual.Frozen);

        // Weights in fp32 are their own master copy.
        var master = types.MasterWeights?.Bytes() ?? (trained?.Bytes() == 4 ? 0 : usual.Master);

        // torch makes gradients and moments in the type of the parameter they belong to; a master copy has types of its own.
        var follows = trained is not null && master == 0;
        var gradient = types.Gradients?.Bytes() ?? (follows ? weight : usual.Gradient);
        var compute = types.Compute?.ActivationBytes() ?? usual.Compute;
        return usual with
        {
            Weight = weight,
            Frozen = frozen,
            Master = master,
            Gradient = gradient,
            Moment = types.Moments is { } moments ? Moment(moments) : follows ? weight : usual.Moment,
            SecondMoment = types.Moments is null ? usual.SecondMoment : null,
            GradientCopy = types.GradientCopy?.Bytes() ?? StepCopy(framework, gradient, master),
            Compute = compute,
            NarrowProducts = types.Compute?.IsNarrow() ?? usual.NarrowProducts,
            Autocast = (adapted ? frozen : weight) == 4 && compute < 4 && !StateRecipe.IsFullySharded(framework, job.Parallelism.Sharding),
            Source = RecipeSource.Stated,
        };
    }

    /// <summary>Small tensors of block-wise optimizers keep fp32 moments; the large ones are counted by the optimizer itself.</summary>
    private static int Moment(DataType moments) => moments == DataType.INT8 ? 4 : moments.Bytes();

    /// <summary>Gradients in half precision become fp32 for the step of an fp32 master copy.</summary>
    private static int StepCopy(TrainingFramework framework, int gradient, int master) =>
        framework is TrainingFramework.DeepSpeed or TrainingFramework.Megatron && gradient < 4 && master == 4 ? 4 : 0;
}
