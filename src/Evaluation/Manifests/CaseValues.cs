using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Manifests;

/// <summary>Words of case files in the words of a spec, where training and serving share them.</summary>
internal static class CaseValues
{
    public static DataType? Type(CaseDataType type) => type switch
    {
        CaseDataType.None => null,
        CaseDataType.Fp32 => DataType.FP32,
        CaseDataType.Tf32 => DataType.TF32,
        CaseDataType.Fp16 => DataType.FP16,
        CaseDataType.Fp8 => DataType.FP8,
        CaseDataType.MxFp8 => DataType.MXFP8,
        CaseDataType.NvFp4 => DataType.NVFP4,
        CaseDataType.Int8 => DataType.INT8,
        _ => DataType.BF16,
    };

    public static TrainingObjective Objective(CaseObjective objective) => objective switch
    {
        CaseObjective.Dpo => TrainingObjective.DPO,
        CaseObjective.Orpo => TrainingObjective.ORPO,
        CaseObjective.Kto => TrainingObjective.KTO,
        CaseObjective.Grpo => TrainingObjective.GRPO,
        _ => TrainingObjective.RLOO,
    };

    public static AttentionKernel Attention(CaseAttention attention) => attention switch
    {
        CaseAttention.Eager => AttentionKernel.Eager,
        CaseAttention.Sdpa => AttentionKernel.SDPA,
        _ => AttentionKernel.Flash,
    };

    /// <summary>Adam and AdamW keep the same; a case without an optimizer is no training, for which the default does.</summary>
    public static Optimizer? Optimizer(CaseOptimizer optimizer) => optimizer switch
    {
        CaseOptimizer.None => null,
        CaseOptimizer.Sgd => Estimation.Jobs.Optimizer.SGD,
        CaseOptimizer.SgdMomentum => Estimation.Jobs.Optimizer.SGDMomentum,
        CaseOptimizer.AdamW8bit => Estimation.Jobs.Optimizer.AdamW8bit,
        CaseOptimizer.PagedAdamW => Estimation.Jobs.Optimizer.PagedAdamW,
        CaseOptimizer.PagedAdamW8bit => Estimation.Jobs.Optimizer.PagedAdamW8bit,
        CaseOptimizer.Adafactor => Estimation.Jobs.Optimizer.Adafactor,
        CaseOptimizer.Lion => Estimation.Jobs.Optimizer.Lion,
        CaseOptimizer.GaLore => Estimation.Jobs.Optimizer.GaLore,
        _ => Estimation.Jobs.Optimizer.AdamW,
    };

    public static QuantizationSettings? Quantization(CaseQuantization? quantization) =>
        quantization is null ? null : new QuantizationSettings { Scheme = Scheme(quantization.Scheme), GroupSize = quantization.GroupSize };

    private static QuantizationScheme Scheme(CaseScheme scheme) => scheme switch
    {
        CaseScheme.Nf4 => QuantizationScheme.NF4,
        CaseScheme.Fp4 => QuantizationScheme.FP4,
        CaseScheme.Fp4DoubleQuant => QuantizationScheme.FP4DoubleQuantized,
        CaseScheme.Int8 => QuantizationScheme.INT8,
        CaseScheme.Gptq4 => QuantizationScheme.GPTQ4,
        CaseScheme.Gptq8 => QuantizationScheme.GPTQ8,
        CaseScheme.Awq4 => QuantizationScheme.AWQ4,
        CaseScheme.Fp8 => QuantizationScheme.FP8,
        _ => QuantizationScheme.NF4DoubleQuantized,
    };
}
