namespace GpuMem.Estimation.Programs;

/// <summary>hiyouga/LLaMA-Factory over the Trainer of transformers and the trainers of TRL.</summary>
internal static class LlamaFactory
{
    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.LLaMAFactory,

        // hparams/model_args.py: disable_gradient_checkpointing is false. model/adapter.py: what is trained becomes fp32 unless pure_bf16 is set.
        Defaults = new() { Framework = TrainingFramework.HuggingFace, Recompute = Recompute.Full },

        // model/model_utils/checkpointing.py: norms and logits keep their type unless upcast_layernorm and upcast_lmhead_output say otherwise.
        Code = HuggingFace.Release5 with { LeavesUnquantised = true },
    };
}
