using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of Llama's own fine-tuning script, which are the fields of its dataclasses (meta-llama/llama-cookbook src/llama_cookbook/configs: training.py, fsdp.py, peft.py).</summary>
internal static class LlamaCookbookKeys
{
    private const int UsualBatch = 4, UsualLength = 4096;

    private static readonly string[] UsualTargets = ["q_proj", "v_proj"];

    /// <summary>The program: a loop around transformers and PEFT, divided by FSDP where it is told so.</summary>
    public static TrainingProgram Program { get; } = new("Llama's cookbook", Trainer.PlainLoop, new SettingTable(
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model_name"),
        Setting.YesOrNo((draft, on) => draft.Distribution = on ? "FSDP" : null, "--enable_fsdp"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--batch_size_training"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--context_length"),
        Setting.Word((draft, strategy) => (draft.Training.Padding = strategy == "packing" ? false : null) is not null || strategy == "padding", "--batching_strategy"),
        Setting.Whole((draft, steps) => draft.Accumulation = steps, "--gradient_accumulation_steps"),
        Setting.YesOrNo((draft, on) => draft.Mixed = on ? MixedPrecision.BF16 : MixedPrecision.No, "--mixed_precision", "--fsdp_config.mixed_precision"),
        Setting.UnlessOn("--use_fp16", "--fsdp_config.use_fp16", "--freeze_layers", "--freeze_LLM_only", "--hsdp", "--fsdp_config.hsdp", "--flop_counter", "--use_profiler"),
        Setting.YesOrNo((draft, on) => draft.IsPure = on, "--pure_bf16", "--fsdp_config.pure_bf16"),
        Setting.YesOrNo((draft, on) => draft.HasAdapters = on, "--use_peft"),
        Setting.Word((_, method) => method == "lora", "--peft_method"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--r", "--lora_config.r"),
        Setting.Words(ModelFlags.Targets, "--target_modules", "--lora_config.target_modules"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout", "--lora_config.lora_dropout"),
        Setting.Word((draft, bits) => (draft.Quantized = bits switch { "4bit" => QuantizationScheme.NF4, "8bit" or "True" or "true" => QuantizationScheme.INT8, _ => null }) is not null, "--quantization"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.SDPA : null, "--use_fast_kernels"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--fsdp_activation_checkpointing", "--fsdp_config.fsdp_activation_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--fsdp_cpu_offload", "--fsdp_config.fsdp_cpu_offload"),
        Setting.Word((draft, strategy) => FsdpKeys.Strategy(draft, strategy.Split('.')[^1]), "--sharding_strategy", "--fsdp_config.sharding_strategy"),
        Setting.Word((draft, name) => name == "AdamW", "--optimizer", "--fsdp_config.optimizer"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--low_cpu_fsdp", "--run_validation", "--gradient_clipping", "--one_gpu", "--save_model", "--save_optimizer", "--use_wandb", "--save_metrics"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--tokenizer_name", "--gradient_clipping_threshold", "--num_epochs", "--max_train_step", "--max_eval_step", "--num_workers_dataloader", "--lr", "--weight_decay", "--gamma", "--seed",
            "--val_batch_size", "--dataset", "--custom_dataset.file", "--custom_dataset.test_split", "--custom_dataset.data_path", "--from_peft_checkpoint", "--output_dir",
            "--num_freeze_layers", "--dist_checkpoint_root_folder", "--dist_checkpoint_folder", "--flop_counter_start", "--profiler_dir", "--checkpoint_type", "--fsdp_config.checkpoint_type",
            "--sharding_group_size", "--replica_group_size", "--lora_alpha", "--lora_config.lora_alpha"),
    ]), Complete);

    /// <summary>Two of its names for what all others call otherwise.</summary>
    public static bool IsToldSo(IEnumerable<string> flags)
    {
        HashSet<string> names = [.. flags.Select(Argument.NameOf)];
        return names.Contains("--enable-fsdp") && (names.Contains("--batch-size-training") || names.Contains("--peft-method"))
            || (names.Contains("--use-peft") && names.Contains("--peft-method"));
    }

    /// <summary>Weights are loaded as the checkpoint has them, and FSDP's mixed precision makes no copy of them in fp32 (src/llama_cookbook/finetuning.py).</summary>
    private static void Complete(TrainingDraft draft)
    {
        var isDivided = draft.Distribution == "FSDP";
        if (!isDivided)
            draft.Fsdp = null;
        else
        {
            draft.Training.Framework = TrainingFramework.PyTorchFSDP;
            FsdpKeys.Of(draft).Version = 1;
            draft.Fsdp!.Sharding ??= Sharding.Full;
            draft.Training.Recompute ??= Recompute.Full;
        }
        draft.Training.Recompute ??= Recompute.None;
        draft.Training.Outputs = ModelOutputs.Dropped;
        draft.Loaded = DataType.BF16;
        draft.Training.Precision = draft.HasAdapters == true ? null : Precision.BF16;
        draft.Mixed ??= MixedPrecision.BF16;
        draft.Training.Attention ??= AttentionKernel.SDPA;
        draft.Training.Padding ??= false;
        if (draft.HasAdapters == true)
        {
            draft.Lora.TargetModules ??= [.. UsualTargets];
            draft.Lora.Dropout ??= true;
        }
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"context_length is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.CompleteBatch(draft, UsualBatch, "batch_size_training");
    }
}
