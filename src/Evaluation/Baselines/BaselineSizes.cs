using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Baselines;

/// <summary>What people use today, in GiB per GPU; null where a formula says nothing about the job. None of them tells metrics apart.</summary>
public sealed record BaselineSizes(double? SixteenPerParameter, double? DeepSpeed, double? Megatron)
{
    public static readonly BaselineSizes None = new(null, null, null);

    /// <summary>All three are rules for training; under inference and for components they are silent.</summary>
    public static BaselineSizes Of(MeasuredCase item)
    {
        if (item.Mode is CaseMode.Inference or CaseMode.ComponentOnly || item.Measured.Component is not null)
            return None;
        return new BaselineSizes(
            GiB(SixteenBytesPerParameter.PerGpu(item)),
            GiB(DeepSpeedEstimators.PerGpu(item)),
            GiB(MegatronTheory.PerGpu(item)));
    }

    private static double GiB(double bytes) => bytes / Bytes.PerGiB;
}
