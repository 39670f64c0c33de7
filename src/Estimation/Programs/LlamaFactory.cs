namespace GpuMem.Estimation.Programs;

/// <summary>hiyouga/LLaMA-Factory over the Trainer of transformers and the trainers of TRL.</summary>
internal static class LlamaFactory
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.LLaMAFactory,
        Lacks = [TrainingObjective.GRPO, TrainingObjective.RLOO], // hparams/finetuning_args.py, stage

        // hparams/model_args.py: disable_gradient_checkpointing is false. model/adapter.py: what is trained becomes fp32 unless pure_bf16 is set.
        // train/ppo/workflow.py: a value head on the policy, and a reward model beside it.
        Defaults = new() { Framework = TrainingFramework.HuggingFace, Recompute = Recompute.Full, ValueTraining = ValueTraining.Shared, RewardModel = true },

        // model/model_utils/checkpointing.py: norms and logits keep their type unless upcast_layernorm and upcast_lmhead_output say otherwise.
        Code = HuggingFace.Release5 with { LeavesUnquantised = true },
    };
}
