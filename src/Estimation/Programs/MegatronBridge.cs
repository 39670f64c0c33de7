namespace GpuMem.Estimation.Programs;

/// <summary>NVIDIA-NeMo/Megatron-Bridge: Megatron Core with Transformer Engine's kernels switched on.</summary>
internal static class MegatronBridge
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.MegatronBridge,
        Defaults = new() { Framework = TrainingFramework.Megatron },

        // recipes: cross_entropy_loss_fusion with the kernel of Transformer Engine, which turns the bf16 logits into their gradient.
        Code = Megatron.Program.Code with
        {
            LossSource = "Transformer Engine's fused cross entropy; NVIDIA-NeMo/Megatron-Bridge",
            Logit = (2, 6), DividedLogit = 2, FusesPermutation = true,
        },
    };
}
