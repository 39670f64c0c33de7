namespace GpuMem.Estimation.Programs;

/// <summary>modelscope/ms-swift of early 2024 over accelerate.</summary>
internal static class MsSwift
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.MsSwift,
        IsExperimental = true,
        Defaults = new() { Framework = TrainingFramework.HuggingFace },

        // The loss of the model's own code and the trainer's on fp32 copies, both shifted, with predictions for the accuracy kept until after backward.
        Code = new() { LossSource = "modelscope/ms-swift of early 2024, fitted to its runs", Kernels = KernelFusion.Eager, Logit = FittedBytes.MsSwiftLogit },
    };
}
