using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>In which types weights and states are, from autocast, from the type in which the model is loaded, and from who divides it.</summary>
internal static class NumericTypes
{
    public static void Apply(TrainingDraft draft)
    {
        ApplyMethod(draft);
        var mixed = draft.DeepSpeed is { } deepSpeed && (deepSpeed.IsBF16 == true || deepSpeed.IsFP16 == true)
            ? deepSpeed.IsBF16 == true ? MixedPrecision.BF16 : MixedPrecision.FP16
            : draft.Mixed is MixedPrecision.No ? draft.LauncherMixed ?? MixedPrecision.No : draft.Mixed ?? draft.LauncherMixed;
        draft.Training.Precision ??= Of(draft, mixed);

        // Adapters aside, what is frozen stays as it was loaded; DeepSpeed makes all of it 16 bits wide.
        if (draft is { HasAdapters: true, Loaded: DataType.FP32, DeepSpeed: null })
            draft.DataTypes.Weights = DataType.FP32;
    }

    /// <summary>Null where the trainer's default holds.</summary>
    private static Precision? Of(TrainingDraft draft, MixedPrecision? mixed) => mixed switch
    {
        MixedPrecision.FP8 => Precision.FP8,
        MixedPrecision.FP16 => Precision.FP16Mixed,

        // DeepSpeed keeps a master copy; accelerate makes what FSDP trains fp32 under autocast (accelerator.py); autocast alone leaves weights as they were loaded.
        MixedPrecision.BF16 when draft.DeepSpeed is not null || draft.Fsdp is not null || draft.Loaded == DataType.FP32 => Precision.BF16Mixed,
        MixedPrecision.BF16 when draft is { Loaded: DataType.BF16, HasAdapters: not true } => Precision.BF16,
        MixedPrecision.BF16 when draft.Training.Trainer == Trainer.Megatron => Precision.BF16Mixed,
        MixedPrecision.BF16 => null,
        _ when draft is { HasAdapters: true } => null,
        _ when draft.Training.Trainer == Trainer.Megatron => Precision.FP32,
        _ => draft.Loaded switch { DataType.BF16 => Precision.BF16, DataType.FP16 => Precision.FP16, DataType.FP32 => Precision.FP32, _ => null },
    };

    private static void ApplyMethod(TrainingDraft draft)
    {
        if (draft.HasAdapters != true)
        {
            draft.Training.Lora = null;
            if (draft.Quantized is not null)
                draft.Reading.NotUnderstood.Add("quantised weights without adapters, which nothing can train");
            return;
        }
        draft.Training.Method = draft.Quantized is null ? TrainingMethod.LoRA : TrainingMethod.QLoRA;
        if (draft.Quantized is { } scheme)
            draft.Training.Quantization = new QuantizationSettings { Scheme = draft.DoubleQuantized == true ? Doubly(scheme) : scheme };
    }

    private static QuantizationScheme Doubly(QuantizationScheme scheme) => scheme switch
    {
        QuantizationScheme.NF4 => QuantizationScheme.NF4DoubleQuantized,
        QuantizationScheme.FP4 => QuantizationScheme.FP4DoubleQuantized,
        _ => scheme,
    };
}
