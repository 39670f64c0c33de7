namespace GpuMem.Estimation.Programs;

/// <summary>pytorch/torchtitan.</summary>
internal static class Torchtitan
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Torchtitan,
        IsExperimental = true,

        // Runs of 2024-03 to 2026-06. Since April 2025 the compiler takes the loss, too (pull request 1033); 0.1 is taken to be later than that.
        Releases = [new("0.0", Of(compiledLogit: null)), new("0.1"), new("0.2")],

        // torchtitan/config: activation_checkpoint.mode is "selective". A single GPU has nobody to share with, and the model is not wrapped:
        // torchtitan/distributed/parallel_dims.py (fsdp_enabled), with autocast instead.
        Defaults = new() { Framework = TrainingFramework.PyTorchFSDP, OneGpuFramework = TrainingFramework.DDP, Recompute = Recompute.Selective },

        Code = Of(compiledLogit: 4),
    };

    /// <summary>
    /// components/loss.py: cross_entropy(pred.float()), the bf16 logits are freed before backward; compiled, they and their gradient are all there is. Over
    /// a divided vocabulary (loss_parallel on DTensor) the gradient coexists with the fp32 ones. parallelize.py shards tok_embeddings, blocks, and norm
    /// with output.
    /// </summary>
    private static CodePath Of(int? compiledLogit) => new()
    {
        LossSource = "pytorch/torchtitan components/loss.py, cross entropy in fp32",
        Kernels = KernelFusion.Unknown,
        Logit = (14, 16),
        CompiledLogit = compiledLogit,
        DividedLogit = FittedBytes.TorchtitanDividedLogit,
        DividesEmbeddingAgain = true,
    };
}
