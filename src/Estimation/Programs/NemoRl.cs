namespace GpuMem.Estimation.Programs;

/// <summary>NVIDIA-NeMo/RL: policy and generation engine take turns on the same GPUs, over torch's FSDP or Megatron Core.</summary>
internal static class NemoRl
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.NeMoRL,
        IsExperimental = true,
        Lacks = [TrainingObjective.ORPO, TrainingObjective.KTO],

        // examples/configs/grpo_math_1B.yaml: dtensor_cfg without activation_checkpointing; vllm_cfg.gpu_memory_utilization 0.6 and tensor_parallel_size 1,
        // colocated.enabled. The workers' offload_before_refit and offload_after_refit leave nothing of the policy beside the engine.
        Defaults = new()
        {
            Framework = TrainingFramework.PyTorchFSDP,
            ValueTraining = ValueTraining.InTurn,
            OffloadBetweenSteps = true,
            Rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 60, EngineSleeps = true },
        },

        // nemo_rl/algorithms: the worker holds the 16-bit logits 2, whose fp32 copy goes when log-softmax 4 is there; the gradients of likelihood 4 and copy 4.
        // The optimizer's kwargs say neither foreach nor fused.
        Code = HuggingFace.Release5 with
        {
            LossSource = "NVIDIA-NeMo/RL nemo_rl/algorithms/loss_functions.py", Logit = (14, 18), ScoresAsTrained = true, Step = OptimizerImplementation.ForLoop,
        },
    };
}
