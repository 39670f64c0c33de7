namespace GpuMem.Estimation.Programs;

/// <summary>OpenRLHF/OpenRLHF over DeepSpeed.</summary>
internal static class OpenRlhf
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.OpenRLHF,
        IsExperimental = true,
        Lacks = [TrainingObjective.ORPO],

        // openrlhf/cli: --ds.zero_stage 2, --ds.param_dtype bf16, no gradient checkpointing; critic and reward model on GPUs of their own unless colocated.
        Defaults = new() { Framework = TrainingFramework.DeepSpeed, Sharding = Sharding.Gradients, ValueTraining = ValueTraining.Separate },

        // openrlhf/models/actor.py makes the logits fp32 and returns them with the log-probabilities: 4, their gradient 4, that of the 16-bit ones 2.
        Code = HuggingFace.Release5 with { LossSource = "OpenRLHF openrlhf/models/actor.py, log_probs_from_logits", Logit = (10, 16), ScoresAsTrained = true },
    };
}
