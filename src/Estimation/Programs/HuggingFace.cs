namespace GpuMem.Estimation.Programs;

/// <summary>The Trainer of huggingface/transformers.</summary>
internal static class HuggingFace
{
    // transformers 5, loss_utils.py: log-softmax 4, its gradient from the likelihood 4, that of the fp32 copy 4; logits and copy are gone before,
    // unless something holds the logits. Read off real steps: hack/oracle.sh.
    public static readonly CodePath Release5 = new()
    {
        LossSource = "huggingface/transformers src/transformers/loss/loss_utils.py",
        Kernels = KernelFusion.Eager, Logit = (12, 16), IsTransformers = true, GroupsExperts = true,
    };

    // Before: TrainingArguments.optim is adamw_torch, torch's AdamW as it comes. Until 4.46 the model returned fp32 logits and made a shifted copy of them; both
    // are gone, too, when backward begins.
    public static readonly CodePath Release4 = Release5 with
    {
        RepeatsKeysAndValues = true, GroupsExperts = false, Step = OptimizerImplementation.Foreach,
    };

    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.HuggingFace,
        Defaults = new() { Framework = TrainingFramework.HuggingFace },
        Code = Release5,

        // transformers 4 and 5.8. Release 5 loads a checkpoint in its own type, which is bf16 today, and steps with adamw_torch_fused
        // (training_args.py). Adapters are fp32 over it as before (peft tuners_utils.py, autocast_adapter_dtype).
        Releases =
        [
            new("4", Release4),
            new("5", Defaults: new()
            {
                Framework = TrainingFramework.HuggingFace, Precision = Precision.BF16, OptimizerImplementation = OptimizerImplementation.Fused,
            }),
        ],
    };
}
