namespace GpuMem.Estimation.Programs;

/// <summary>volcengine/verl: actor, reference and inference engine take turns on the same GPUs.</summary>
internal static class Verl
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.Verl,
        IsExperimental = true,
        Lacks = [TrainingObjective.ORPO, TrainingObjective.KTO],

        // verl/trainer/config: engine/fsdp.yaml (strategy fsdp, model_dtype fp32, mixed precision bfloat16), model/hf_model.yaml
        // (enable_gradient_checkpointing), rollout/rollout.yaml (gpu_memory_utilization 0.5, tensor_model_parallel_size 2, free_cache_engine);
        // critic/dp_critic.yaml: a worker of its own with its own optimizer on the actor's GPUs; reward_model.yaml: not enabled.
        Defaults = new()
        {
            Framework = TrainingFramework.PyTorchFSDP,
            FsdpVersion = 1,
            Recompute = Recompute.Full,
            ScoredLoss = LossKernel.InPlace,
            ValueTraining = ValueTraining.InTurn,
            Rollout = new RolloutSpec { Engine = RolloutEngine.Colocated, EngineMemoryPercent = 50, EngineTensor = 2, EngineSleeps = true },
        },

        // verl/utils/torch_functional.py: flash-attn's cross entropy makes log-probabilities of 16-bit logits, and their gradient in place.
        Code = HuggingFace.Release5,
    };
}
