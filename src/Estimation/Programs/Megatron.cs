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

        // core/tensor_parallel/cross_entropy.py: bf16 logits 2, fp32 4, which exponentials and gradient overwrite; core/fusions/fused_cross_entropy.py compiles
        // that, and what is compiled writes each into a tensor of its own.
        Code = new()
        {
            LossSource = "Megatron-LM megatron/core/tensor_parallel/cross_entropy.py",
            Kernels = KernelFusion.Fused, Logit = (6, 6), CompiledLogit = 10, IsMegatronCore = true, WeighsInsideExperts = true,
        },
    };
}
