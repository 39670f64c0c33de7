namespace GpuMem.Estimation.Programs;

/// <summary>NVIDIA/Megatron-LM.</summary>
internal static class Megatron
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Megatron,
        Releases = [new("0.14")], // core_r0.14
        WholeModelsOnly = true, // megatron/training/arguments.py
        SupervisedOnly = true, // megatron/training
        Defaults = new() { Framework = TrainingFramework.Megatron },

        // core/tensor_parallel/cross_entropy.py: bf16 logits 2, fp32 4, gradient in place.
        Code = new()
        {
            LossSource = "Megatron-LM megatron/core/tensor_parallel/cross_entropy.py",
            Kernels = KernelFusion.Fused, Logit = (6, 6), DividedLogit = 6, IsMegatronCore = true, WeighsInsideExperts = true,
        },
    };
}
