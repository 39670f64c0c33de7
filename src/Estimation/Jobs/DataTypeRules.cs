namespace GpuMem.Estimation.Jobs;

/// <summary>Which number formats tensors of a kind can have, and which of them the optimizer and the method can use.</summary>
internal static class DataTypeRules
{
    private static readonly DataType[] Products = [DataType.FP32, DataType.TF32, DataType.FP16, DataType.BF16, DataType.FP8, DataType.MXFP8, DataType.NVFP4];
    private static readonly DataType[] Stored = [DataType.FP32, DataType.FP16, DataType.BF16, DataType.FP8];
    private static readonly DataType[] Moments = [.. Stored, DataType.INT8];
    private static readonly DataType[] Adapters = [DataType.FP32, DataType.FP16, DataType.BF16];

    public static void Check(TrainingSpec training, ref ProblemList problems)
    {
        if (training.DataTypes is not { } types)
            return;
        OneOf(Products, types.Compute, "compute", "matrices are multiplied", ref problems);
        OneOf(Stored, types.Weights, "weights", "weights are kept", ref problems);
        OneOf(Stored, types.Gradients, "gradients", "gradients are kept", ref problems);
        OneOf(Moments, types.Moments, "moments", "moments are kept", ref problems);
        OneOf(Adapters, types.Adapters, "adapters", "adapters are kept", ref problems);
        TrainingRules.Known(types.MasterWeights, "training.dataTypes.masterWeights", ref problems);
        TrainingRules.Known(types.GradientCopy, "training.dataTypes.gradientCopy", ref problems);
        if (types.Moments is { } moments)
            CheckMoments(moments, training.Optimizer, ref problems);
        if (types.Adapters is not null && training.Method == TrainingMethod.Full)
            problems.Add("training.dataTypes.adapters", "training.method Full trains no adapters; use method LoRA or QLoRA, or take the type away");
    }

    private static void OneOf(DataType[] choices, DataType? type, string field, string what, ref ProblemList problems)
    {
        if (type is { } given && Array.IndexOf(choices, given) < 0)
            problems.Add($"training.dataTypes.{field}", $"{given} is no type in which {what}; use {string.Join(", ", choices)}");
    }

    private static void CheckMoments(DataType moments, Optimizer optimizer, ref ProblemList problems)
    {
        if (optimizer is Optimizer.AdamW8bit or Optimizer.PagedAdamW8bit or Optimizer.Lion8bit)
        {
            if (moments != DataType.INT8)
                problems.Add("training.dataTypes.moments", $"training.optimizer {optimizer} keeps its moments in INT8, not {moments}; take the type away, or use optimizer {Wide(optimizer)}");
        }
        else if (optimizer == Optimizer.AdamW4bit)
            problems.Add("training.dataTypes.moments", $"training.optimizer AdamW4bit keeps its moments in 4 bits, not {moments}; take the type away, or use optimizer AdamW");
        else if (moments == DataType.INT8)
            problems.Add("training.dataTypes.moments", $"training.optimizer {optimizer} keeps no moments in INT8; use optimizer AdamW8bit or Lion8bit, or moments BF16 or FP32");
    }

    private static Optimizer Wide(Optimizer narrow) => narrow switch
    {
        Optimizer.Lion8bit => Optimizer.Lion,
        Optimizer.PagedAdamW8bit => Optimizer.PagedAdamW,
        _ => Optimizer.AdamW,
    };
}
