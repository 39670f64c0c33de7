using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>unsloth's command lines: the script unsloth-cli.py, and from 2026 on unsloth train with a file of the same keys in sections (unsloth_cli/config.py).</summary>
internal static class UnslothKeys
{
    // --per_device_train_batch_size, --max_seq_length, --r, lora_r.
    private const int UsualBatch = 2, UsualLength = 2048, UsualRank = 16, UsualRankOfCommand = 64;

    /// <summary>The frozen weights are not quantised.</summary>
    private const string Whole = "--no_load_in_4bit";

    private static readonly Setting[] Shared =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model_name", "--model"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_seq_length"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--r", "--lora_r"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--per_device_train_batch_size", "--batch_size"),
        Setting.Whole((draft, steps) => draft.Accumulation = steps, "--gradient_accumulation_steps"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.YesOrNo((draft, on) => draft.Lora.Decomposed = on, "--use_dora"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--packing"),
        Setting.Word(Checkpoints, "--use_gradient_checkpointing", "--gradient_checkpointing"),
        Setting.UnlessOn("--loftq_config", "--use_loftq"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--use_rslora"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha", "--dataset", "--warmup_steps", "--max_steps", "--learning_rate", "--weight_decay", "--output_dir"),
    ];

    private static readonly Setting[] OfScript =
    [
        Setting.Switch(draft => draft.Quantized = QuantizationScheme.NF4, "--load_in_4bit"),
        Setting.Word(ModelFlags.Type, "--dtype"),
        Setting.Word(OptimizerNames.Set, "--optim"),
        Setting.WithoutEffect(FlagValues.None, "--save_model", "--save_gguf", "--push_model", "--push_gguf"),
        Setting.WithoutEffect(FlagValues.Several, "--quantization"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--bias", "--random_state", "--per_device_eval_batch_size", "--lr_scheduler_type", "--seed", "--report_to", "--logging_steps", "--save_method", "--save_path", "--hub_path", "--hub_token",
            "--raw_text_file", "--chunk_size", "--stride"),
    ];

    private static readonly string[] Sections = ["--data", "--training", "--lora", "--logging"];

    private static readonly Setting[] OfCommand =
    [
        Setting.YesOrNo((draft, on) => draft.Together[Whole] = on ? "false" : "true", "--load_in_4bit"),
        Setting.YesOrNo((draft, on) => draft.Together[Whole] = on ? "true" : "false", "--no_load_in_4bit"),
        Setting.Word((draft, type) => (draft.HasAdapters = type == "lora") is true || type == "full", "--training_type"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--train_on_completions", "--enable_wandb", "--enable_tensorboard", "--vision_all_linear", "--finetune_vision_layers", "--finetune_language_layers", "--finetune_attention_modules",
            "--finetune_mlp_modules", "--dry_run"),
        Setting.WithoutEffect(FlagValues.One, "--local_dataset", "--format_type", "--num_epochs", "--save_steps", "--random_seed", "--wandb_project", "--wandb_token", "--tensorboard_dir", "--hf_token"),
    ];

    /// <summary>The script beside the package.</summary>
    public static TrainingProgram Script { get; } = new("unsloth", Trainer.Unsloth, new SettingTable([.. Shared, .. OfScript]), draft =>
    {
        draft.HasAdapters = true;
        Complete(draft, UsualRank);
    });

    /// <summary>unsloth train, which quantises unless it is told not to.</summary>
    public static TrainingProgram Command { get; } = new("unsloth", Trainer.Unsloth, OfFile(), draft =>
    {
        draft.HasAdapters ??= true;
        draft.Quantized = draft.HasAdapters == true && draft.Together.GetValueOrDefault(Whole) != "true" ? QuantizationScheme.NF4 : null;
        Complete(draft, UsualRankOfCommand);
    }) { FileFlag = "--config" };

    private static SettingTable OfFile()
    {
        var flat = new SettingTable([.. Shared, .. OfCommand]);
        return flat.With(Sections.Select(section => Setting.Mapping(flat, _ => { }, section)));
    }

    private static void Complete(TrainingDraft draft, int usualRank)
    {
        if (draft.HasAdapters == true)
            draft.Lora.Rank ??= usualRank;
        draft.Training.Optimizer ??= Optimizer.AdamW8bit;
        draft.Loaded ??= DataType.BF16;
        draft.Mixed ??= MixedPrecision.BF16;
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"max_seq_length is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.CompleteBatch(draft, UsualBatch, "batch_size");
    }

    /// <summary>unsloth keeps checkpoints on the host, true on the GPU, anything else keeps all.</summary>
    private static bool Checkpoints(TrainingDraft draft, string way)
    {
        (draft.Training.Recompute, draft.Offload.Activations) = way.ToLowerInvariant() switch { "unsloth" => (Recompute.Full, true), "true" => (Recompute.Full, false), _ => (Recompute.None, false) };
        return way.ToLowerInvariant() is "unsloth" or "true" or "false" or "none";
    }
}
