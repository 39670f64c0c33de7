namespace GpuMem.Estimation.Programs;

/// <summary>huggingface/nanotron.</summary>
internal static class Nanotron
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Nanotron,
        IsExperimental = true,
        IsFramework = true,
        WholeModelsOnly = true, // src/nanotron/config
        SupervisedOnly = true,
        Defaults = new() { Framework = TrainingFramework.Nanotron },

        // parallel/tensor_parallel/functional.py: fp32 logits 4, softmax 4; models/llama.py: GLUActivation multiplies in plain torch, qkv_proj's
        // result is split and rotated into copies.
        Code = new()
        {
            LossSource = "huggingface/nanotron parallel/tensor_parallel/functional.py",
            Kernels = KernelFusion.Fused, Logit = (8, 10), DividedLogit = 8,
            KeepsGatheredInputs = true, KeepsJointQueryKeyValue = true, KeepsGateActivation = true,
        },
    };
}
