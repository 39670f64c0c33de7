using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.TrainingJobs;

/// <summary>Adapters over a checkpoint whose weights are stored quantised.</summary>
internal static class StoredWeights
{
    /// <summary>
    /// transformers leaves the weights of such a checkpoint as they are stored, whatever type is asked for, where adapters can be trained over the format
    /// (quantizers/quantizer_bnb_4bit.py, quantizer_gptq.py, quantizer_awq.py, quantizer_hqq.py and quantizer_aqlm.py, is_trainable); FP8, MXFP4 and GGUF it must expand.
    /// </summary>
    /// <param name="method">What the author trains.</param>
    /// <param name="trainer">The program; null when it is not said.</param>
    /// <param name="stored">How the checkpoint stores the weights; null where they are not quantised.</param>
    /// <returns>How the frozen weights are stored; null where that is not the checkpoint's way.</returns>
    public static QuantizationSpec? Under(TrainingMethod method, Trainer? trainer, QuantizationSpec? stored) =>
        method != TrainingMethod.Full && LoadsWithTransformers(trainer) && stored?.Scheme is QuantizationScheme.NF4 or QuantizationScheme.NF4DoubleQuantized or QuantizationScheme.FP4
            or QuantizationScheme.FP4DoubleQuantized or QuantizationScheme.INT8 or QuantizationScheme.GPTQ4 or QuantizationScheme.GPTQ8 or QuantizationScheme.AWQ4 or QuantizationScheme.HQQ or QuantizationScheme.AQLM
            ? stored
            : null;

    private static bool LoadsWithTransformers(Trainer? trainer) => trainer is null or Trainer.HuggingFace or Trainer.TRL or Trainer.PlainLoop or Trainer.Axolotl or Trainer.LLaMAFactory
        or Trainer.Unsloth or Trainer.MsSwift or Trainer.OpenRLHF;
}
