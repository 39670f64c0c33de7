namespace GpuMem.Estimation.Programs;

/// <summary>NVIDIA-NeMo/Megatron-Bridge: Megatron Core with Transformer Engine's kernels switched on.</summary>
internal static class MegatronBridge
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.MegatronBridge,
        Defaults = new() { Framework = TrainingFramework.Megatron, Sharding = Sharding.Optimizer }, // recipes/common.py: use_distributed_optimizer

        // recipes: to pretrain cross_entropy_fusion_impl is te, whose kernel turns the bf16 logits into their gradient, to fine-tune mostly native.
        // models/*_bridge.py of models with experts: moe_permute_fusion.
        Code = Megatron.Program.Code with
        {
            LossSource = "Transformer Engine's fused cross entropy; NVIDIA-NeMo/Megatron-Bridge",
            Logit = (2, 10), FusesPermutation = true,
        },
    };
}
