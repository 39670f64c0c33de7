namespace GpuMem.Estimation.Programs;

/// <summary>Model code that comes with the checkpoint, as Qwen's first version did.</summary>
internal static class RemoteCode
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.RemoteCode,
        IsExperimental = true,
        Defaults = new() { Framework = TrainingFramework.HuggingFace },

        // Qwen's first remote code: no upcast; bf16 logits 2, shifted copy 2, log-softmax 2, gradients 2 + 2.
        Code = new() { LossSource = "modeling_qwen.py of the checkpoint", Kernels = KernelFusion.Eager, Logit = (10, 16) },
    };
}
