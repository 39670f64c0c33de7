namespace GpuMem.Estimation.Programs;

/// <summary>Lightning-AI/litgpt.</summary>
internal static class LitGPT
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.LitGPT,
        IsExperimental = true,
        SupervisedOnly = true, // litgpt/finetune

        // litgpt/finetune: "auto" for one device.
        Defaults = new() { Framework = TrainingFramework.PyTorchFSDP, OneGpuFramework = TrainingFramework.DDP },

        // lm_head_chunk_size cuts the product into chunks of 128 tokens, all of which wait for backward; Block, CausalSelfAttention and LoRALinear keep
        // the inputs of first products; quantisation replaces every nn.Linear, lm_head among them; fabric.no_backward_sync accumulates whole gradients.
        Code = new()
        {
            LossSource = "Lightning-AI/litgpt litgpt/utils.py, chunked_cross_entropy",
            Kernels = KernelFusion.Eager, Logit = FittedBytes.LitGPTLogit, ChunkedLogit = FittedBytes.LitGPTLogit.Expected,
            FrozenInputs = FrozenInputs.First, AdapterDropout = true, JointQueryKeyValueAdapter = true, KeepsJointQueryKeyValue = true,
            ExpandedHead = FittedBytes.LitGPTHead, AccumulatesWhole = true,
        },
    };
}
