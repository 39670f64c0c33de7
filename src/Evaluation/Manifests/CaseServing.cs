using GpuMem.Api.Serving;
using GpuMem.Serving;
using GpuMem.Evaluation.Cases;

namespace GpuMem.Evaluation.Manifests;

/// <summary>How a case serves its model.</summary>
internal static class CaseServing
{
    public static InferenceSettings Of(MeasuredCase item, CaseInference inference) => new()
    {
        Model = CaseModel.Of(item),
        Engine = inference.Engine switch
        {
            CaseEngine.Vllm => InferenceEngine.VLLM,
            CaseEngine.Transformers => InferenceEngine.HuggingFace,
            _ when item.Framework == CaseFramework.LitGpt => InferenceEngine.LitGPT,
            _ => InferenceEngine.Other,
        },
        Weights = CaseValues.Type(item.Precision.Parameters),
        Quantization = CaseValues.Quantization(item.Quantization),
        CacheType = inference.KvCacheDtype switch
        {
            CaseDataType.Fp32 => KeyValueCacheType.FP32,
            CaseDataType.Fp16 => KeyValueCacheType.FP16,
            CaseDataType.Fp8 => KeyValueCacheType.FP8,
            CaseDataType.Int8 => KeyValueCacheType.INT8,
            _ => KeyValueCacheType.BF16,
        },
        Sequences = inference.Batch,
        InputLength = inference.InputLength,
        OutputLength = inference.OutputLength,
        Logits = inference.Logits == CaseLogits.AllTokens ? PrefillLogits.AllTokens : PrefillLogits.LastToken,
        Attention = CaseValues.Attention(item.Attention),
        Tensor = item.Parallel.Tensor,
        Pipeline = item.Parallel.Pipeline,
    };
}
