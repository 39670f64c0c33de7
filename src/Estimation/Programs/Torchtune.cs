namespace GpuMem.Estimation.Programs;

/// <summary>meta-pytorch/torchtune.</summary>
internal static class Torchtune
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Torchtune,
        IsExperimental = true,
        Lacks = [TrainingObjective.ORPO, TrainingObjective.KTO, TrainingObjective.RLOO], // recipes

        // Runs of 2024-05, 2024-09 and 2024-11.
        Releases = [new("0.1"), new("0.3"), new("0.4")],

        // On a single GPU the *_single_device recipes, which do not wrap the model.
        Defaults = new() { Framework = TrainingFramework.PyTorchFSDP, OneGpuFramework = TrainingFramework.DDP },

        // modules/transformer.py: output(h).float(), then as in torchtitan; modules/loss for chunks.
        Code = new()
        {
            LossSource = "meta-pytorch/torchtune torchtune/modules/transformer.py, torchtune/modules/loss",
            Kernels = KernelFusion.Unknown, Logit = (16, 16), CompiledLogit = 14,
        },
    };
}
