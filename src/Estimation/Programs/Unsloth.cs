namespace GpuMem.Estimation.Programs;

/// <summary>unslothai/unsloth: fused adapters, checkpoints on the host.</summary>
internal static class Unsloth
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Unsloth,
        IsExperimental = true,

        // unsloth/models/loader.py: use_gradient_checkpointing = "unsloth" keeps checkpoints on the host; unsloth_zoo/fused_losses/cross_entropy_loss.py.
        Defaults = new() { Framework = TrainingFramework.HuggingFace, Recompute = Recompute.Full, OffloadActivations = true, SupervisedLoss = LossKernel.Fused, ScoredLoss = LossKernel.Fused },

        // unsloth_zoo/vllm_utils.py: with fast_inference the model is made of the tensors that vLLM holds.
        // kernels/fast_lora.py: one autograd function per block of adapters, which keeps the normalised input only.
        Code = new()
        {
            LossSource = "huggingface/transformers src/transformers/loss/loss_utils.py",
            Kernels = KernelFusion.Fused, Logit = (16, 16), FrozenInputs = FrozenInputs.Fused, LeavesUnquantised = true, SharesEngineWeights = true,
        },
    };
}
