namespace GpuMem.Estimation.Programs;

/// <summary>A plain training loop around a model of transformers, of PEFT or of one's own; its releases are those of transformers.</summary>
internal static class PlainLoop
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.PlainLoop,
        Releases = [new("4", HuggingFace.Release4 with { Logit = (16, 16) }), new("5")],
        Defaults = new() { Framework = TrainingFramework.DDP },

        // outputs = model(...); outputs.loss.backward(); torch.optim.AdamW(model.parameters()). Logits that it holds were fp32 in release 4.
        Code = HuggingFace.Release5 with { Outputs = ModelOutputs.Held, Step = OptimizerImplementation.Foreach },

        // bf16 logits 2, log-softmax 4, its gradient 4, that of the logits 2; the cast is not kept.
        OwnModelCode = new() { LossSource = "torch.nn.functional.cross_entropy under autocast", Kernels = KernelFusion.Eager, Logit = (12, 16) },
    };
}
