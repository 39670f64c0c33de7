using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The Trainer of transformers: the flags that HfArgumentParser makes of TrainingArguments (transformers/training_args.py).</summary>
internal static class TransformersTrainer
{
    /// <summary>TrainingArguments.per_device_train_batch_size.</summary>
    private const int UsualBatch = 8;

    /// <summary>The fields of TrainingArguments, of transformers 4 and 5.</summary>
    public static Setting[] Arguments { get; } =
    [
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--per_device_train_batch_size"),
        Setting.Whole((draft, steps) => draft.Accumulation = steps, "--gradient_accumulation_steps"),
        Setting.Word(OptimizerNames.Set, "--optim"),
        Setting.YesOrNo((draft, on) => draft.Mixed = on ? MixedPrecision.BF16 : draft.Mixed ?? MixedPrecision.No, "--bf16"),
        Setting.YesOrNo((draft, on) => draft.Mixed = on ? MixedPrecision.FP16 : draft.Mixed ?? MixedPrecision.No, "--fp16"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--gradient_checkpointing"),
        Setting.Switch(draft => draft.Training.Recompute = Recompute.None, "--no_gradient_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Training.FusedKernels = on ? true : null, "--torch_compile"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : null, "--use_liger_kernel"),
        Setting.Words(Fsdp, "--fsdp"),
        Setting.Mapping(FsdpKeys.Table, _ => { }, "--fsdp_config"),
        Setting.Mapping(DeepSpeedKeys.Table, draft => DeepSpeedKeys.Of(draft), "--deepspeed", "--deepspeed_config"),
        Setting.UnlessOn("--auto_find_batch_size", "--use_cpu", "--no_cuda", "--label_smoothing_factor"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--do_train", "--do_eval", "--do_predict", "--overwrite_output_dir", "--bf16_full_eval", "--fp16_full_eval", "--tf32", "--logging_first_step", "--log_on_each_node",
            "--logging_nan_inf_filter", "--disable_tqdm", "--prediction_loss_only", "--eval_on_start", "--eval_do_concat_batches", "--eval_use_gather_object", "--batch_eval_metrics",
            "--save_only_model", "--save_on_each_node", "--save_safetensors", "--enable_jit_checkpoint", "--push_to_hub", "--hub_private_repo", "--hub_always_push",
            "--load_best_model_at_end", "--greater_is_better", "--ignore_data_skip", "--restore_callback_states_from_checkpoint", "--full_determinism", "--dataloader_drop_last",
            "--dataloader_pin_memory", "--dataloader_persistent_workers", "--remove_unused_columns", "--group_by_length", "--ddp_find_unused_parameters", "--ddp_broadcast_buffers",
            "--average_tokens_across_devices", "--skip_memory_metrics", "--include_num_input_tokens_seen", "--include_tokens_per_second", "--use_cache"),
        Setting.WithoutEffect(FlagValues.Several, "--report_to", "--label_names", "--include_for_metrics", "--debug"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--output_dir", "--num_train_epochs", "--max_steps", "--learning_rate", "--lr_scheduler_type", "--lr_scheduler_kwargs", "--warmup_steps", "--warmup_ratio", "--optim_args",
            "--weight_decay", "--adam_beta1", "--adam_beta2", "--adam_epsilon", "--max_grad_norm", "--gradient_checkpointing_kwargs", "--torch_compile_backend", "--torch_compile_mode",
            "--liger_kernel_config", "--neftune_noise_alpha", "--torch_empty_cache_steps", "--logging_strategy", "--logging_steps", "--logging_dir", "--log_level", "--log_level_replica",
            "--run_name", "--project", "--trackio_space_id", "--eval_strategy", "--evaluation_strategy", "--eval_steps", "--eval_delay", "--per_device_eval_batch_size",
            "--eval_accumulation_steps", "--save_strategy", "--save_steps", "--save_total_limit", "--hub_token", "--hub_model_id", "--hub_strategy", "--hub_revision",
            "--metric_for_best_model", "--seed", "--data_seed", "--accelerator_config", "--dataloader_num_workers", "--dataloader_prefetch_factor", "--train_sampling_strategy",
            "--length_column_name", "--ddp_backend", "--ddp_timeout", "--resume_from_checkpoint", "--local_rank", "--local-rank", "--fsdp_transformer_layer_cls_to_wrap",
            "--fsdp_min_num_params", "--half_precision_backend", "--fp16_opt_level", "--ray_scope", "--past_index"),
    ];

    /// <summary>What else its examples take (transformers/examples/pytorch/language-modeling/run_clm.py, peft/examples/sft/train.py) and what scripts after them call the length.</summary>
    private static readonly Setting[] OfScripts =
    [
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--block_size", "--max_seq_length", "--max_seq_len", "--model_max_length", "--max_length", "--cutoff_len"),
        Setting.Word((draft, name) => draft.SetModel(name), "--model_path", "--base_model", "--hf_model_id"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--packing"),
        Setting.UnlessOn("--use_unsloth"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--streaming", "--overwrite_cache", "--keep_linebreaks", "--use_reentrant", "--append_concat_token", "--add_special_tokens"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--dataset_name", "--dataset_config_name", "--dataset_text_field", "--train_file", "--validation_file", "--data_path", "--max_train_samples", "--max_eval_samples",
            "--validation_split_percentage", "--preprocessing_num_workers", "--splits", "--chat_template_format"),
    ];

    public static TrainingProgram Program { get; } =
        new("the Trainer of transformers", Trainer.HuggingFace, new SettingTable([.. ModelFlags.OfModel, .. ModelFlags.OfAdapters, .. OfScripts, .. Arguments]), Complete);

    /// <summary>A script whose code is not known here: what it is told is taken as the Trainer would, and how it divides the model is left open.</summary>
    public static TrainingProgram Unknown(string script) => new(script, null, Program.Settings.With(OfOthers), draft => draft.Reading.NotUnderstood.Add(
        draft.Job.Model is null || draft.Training.SequenceLength is null
            ? $"{script}, which says in no flag what it trains: describe it with --model, --sequence-length and the other flags of gpumem explain"
            : $"{script}, whose code is not known here: how it divides the model, and in which types it trains, only that says"));

    /// <summary>What scripts of one's own call what the Trainer has other names for.</summary>
    private static readonly Setting[] OfOthers =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--seq_len", "--seq_length", "--sequence_length", "--context_length", "--max_len"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--batch_size", "--train_batch_size", "--micro_batch_size", "--batch_size_training", "--batch_size_per_gpu"),
        Setting.WithoutEffect(FlagValues.One, "--lr", "--epochs", "--num_epochs"),
    ];

    /// <summary>Whether a script has a name of its own for the batch, which the Trainer's parser would refuse.</summary>
    public static bool IsForeign(IEnumerable<string> flags) => flags.Select(Argument.NameOf)
        .Any(flag => flag is "--batch-size" or "--train-batch-size" or "--micro-batch-size" or "--batch-size-training" or "--batch-size-per-gpu");

    /// <summary>
    /// Whether a script is told what only trainers are told: servers and tools have a seed, a level of logs and a folder for output, too. Behind a
    /// launcher of trainings its type is enough.
    /// </summary>
    /// <param name="flags">Their names.</param>
    /// <param name="isLaunched">A launcher starts it.</param>
    public static bool IsToldSo(IEnumerable<string> flags, bool isLaunched) =>
        flags.Select(Argument.NameOf).Any(flag => OfTrainersAlone.Contains(flag) || (isLaunched && flag is "--bf16" or "--fp16"));

    private static readonly HashSet<string> OfTrainersAlone = new(
        [
            "--per-device-train-batch-size", "--gradient-accumulation-steps", "--gradient-checkpointing", "--num-train-epochs", "--learning-rate", "--lr-scheduler-type", "--warmup-steps",
            "--warmup-ratio", "--weight-decay", "--adam-beta1", "--adam-beta2", "--adam-epsilon", "--max-grad-norm", "--do-train", "--optim", "--fsdp", "--fsdp-config", "--deepspeed",
            "--save-strategy", "--save-steps", "--save-total-limit",
        ],
        StringComparer.Ordinal);

    /// <summary>What it does where nothing is said.</summary>
    public static void Complete(TrainingDraft draft)
    {
        CompleteBatch(draft, UsualBatch, "per_device_train_batch_size");

        CompleteFsdp(draft);

        // transformers takes torch's attention where the model has it (modeling_utils.py).
        draft.Training.Attention ??= AttentionKernel.SDPA;
        if (draft is { Mixed: null, LauncherMixed: null or MixedPrecision.No, Loaded: null, DeepSpeed: null })
            draft.Assume("neither bf16 nor fp16 is said, nor in which type the model is loaded; it is taken as the estimate does where nothing is said.");
    }

    /// <summary>fsdp_config counts beside --fsdp only, and its version 2 keeps weights gathered unless told otherwise (training_args.py, _process_fsdp_args).</summary>
    private static void CompleteFsdp(TrainingDraft draft)
    {
        if (draft.Fsdp is { IsTrainers: false } && draft.Distribution != "FSDP")
            draft.Fsdp = null;
        if (draft.Fsdp is not { IsTrainers: true, Version: 2, ReshardsAfterForward: null } choice)
            return;
        choice.ReshardsAfterForward = false;
        draft.Assume("reshard_after_forward is not given, and is false then: after forward the weights stay gathered on every GPU.");
    }

    /// <summary>What a batch is where the trainer is not told.</summary>
    public static void CompleteBatch(TrainingDraft draft, int usual, string flag)
    {
        if (draft.Training.MicroBatchSize is not null)
            return;
        draft.Training.MicroBatchSize = usual;
        draft.Assume($"{flag} is not given, and is {usual} then.");
    }

    /// <summary>full_shard, shard_grad_op, hybrid_shard, hybrid_shard_zero2, offload and auto_wrap (trainer_utils.py, FSDPOption); true is full_shard.</summary>
    public static bool Fsdp(TrainingDraft draft, IReadOnlyList<string> options)
    {
        foreach (var option in options.Select(option => option.ToLowerInvariant()))
        {
            if (option == "offload")
                draft.Offload.Parameters = OffloadTarget.Host;
            else if (option is not ("auto_wrap" or "false") && !FsdpKeys.Strategy(draft, option == "true" ? "full_shard" : option))
                return false;
            else if (draft.Fsdp is { } choice)
                choice.IsTrainers = true;
        }
        return true;
    }
}
