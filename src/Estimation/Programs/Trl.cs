namespace GpuMem.Estimation.Programs;

/// <summary>huggingface/trl over the Trainer of transformers.</summary>
internal static class Trl
{
    // trl/trainer/sft_trainer.py: chunks of 256 tokens; nothing upcasts what quantisation leaves alone. trl/trainer/model_config.py: lora_dropout is 0.05.
    private static readonly CodePath Current = HuggingFace.Release5 with { ChunkTokens = 256, LeavesUnquantised = true, AdapterDropout = true };

    // trl/trainer/base_config.py: gradient_checkpointing and bf16, which is autocast over the fp32 weights that a model given by name is loaded in
    // (utils.py, create_model_from_path); sft_trainer.py: QLoRA's adapters become bf16.
    private static readonly ProgramDefaults Checkpointed = new()
    {
        Framework = TrainingFramework.HuggingFace, Recompute = Recompute.Full, AdaptersOverQuantised = DataType.BF16,

        // trl/experimental/ppo/ppo_trainer.py: policy and value model in one module under one optimizer, the reward model on the same device.
        ValueTraining = ValueTraining.Together, RewardModel = true,
    };

    public static readonly TrainerProgram Program = new()
    {
        Trainer = Trainer.TRL,
        Defaults = Checkpointed with { SupervisedLoss = LossKernel.Chunked },
        Code = Current,
        Releases =
        [
            // Until 0.26 prepare_model_for_kbit_training made an fp32 copy of what quantisation leaves alone; chunked_nll is the default from 1.7 on.
            new("0.20", HuggingFace.Release4 with { ChunkTokens = 256, AdapterDropout = true }, Checkpointed),
            new("0.27", Current, Checkpointed),
            new("1.7", Current),
        ],
    };
}
