namespace GpuMem.Estimation.Programs;

/// <summary>mosaicml/llm-foundry on Composer.</summary>
internal static class Composer
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Composer,
        IsExperimental = true,
        SupervisedOnly = true, // llm-foundry
        Defaults = new() { Framework = TrainingFramework.PyTorchFSDP },

        // flash-attn's cross entropy works in place on fp32 logits.
        Code = new() { LossSource = "flash-attn losses/cross_entropy.py, in place; mosaicml/llm-foundry", Kernels = KernelFusion.Eager, Logit = (4, 6) },
    };
}
