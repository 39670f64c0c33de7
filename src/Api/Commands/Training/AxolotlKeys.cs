using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The keys of an Axolotl configuration, which its command line takes as flags, too (axolotl/utils/schemas).</summary>
internal static class AxolotlKeys
{
    /// <summary>sequence_len (axolotl/utils/schemas/config.py).</summary>
    private const int UsualLength = 512;

    /// <summary>Experts are quantised, too, which bitsandbytes alone leaves as they are.</summary>
    private const string QuantizesExperts = "--quantize_moe_experts";

    private static readonly Setting[] OfModel =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--base_model"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--sequence_len"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--sample_packing"),
        Setting.Word(ModelFlags.Attention, "--attn_implementation"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.Flash : draft.Training.Attention, "--flash_attention"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.SDPA : draft.Training.Attention, "--sdp_attention"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.Eager : draft.Training.Attention, "--eager_attention"),
    ];

    private static readonly Setting[] OfAdapters =
    [
        Setting.Word((draft, adapter) => (draft.HasAdapters = adapter is "lora" or "qlora") == true, "--adapter"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.NF4 : draft.Quantized, "--load_in_4bit"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.INT8 : draft.Quantized, "--load_in_8bit"),
        Setting.Switch(draft => draft.Together[QuantizesExperts] = "true", QuantizesExperts),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_r"),
        Setting.Words(ModelFlags.Targets, "--lora_target_modules"),
        Setting.YesOrNo((draft, on) => draft.Lora.TargetModules = on ? null : draft.Lora.TargetModules, "--lora_target_linear"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names]).Count > 0, "--lora_modules_to_save"),
        Setting.YesOrNo((draft, on) => draft.Lora.Decomposed = on, "--peft_use_dora"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.Mapping(
            new SettingTable(
                Setting.YesOrNo((draft, on) => draft.DoubleQuantized = on, "--bnb_4bit_use_double_quant"),
                Setting.Word((_, type) => type == "nf4", "--bnb_4bit_quant_type"),
                Setting.WithoutEffect(FlagValues.One, "--bnb_4bit_compute_dtype", "--bnb_4bit_quant_storage")),
            _ => { },
            "--bnb_config_kwargs"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha", "--peft_use_rslora", "--lora_fan_in_fan_out", "--lora_model_dir", "--loraplus_lr_ratio", "--peft"),
    ];

    private static readonly Setting[] OfStep =
    [
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro_batch_size"),
        Setting.Whole((draft, steps) => draft.Accumulation = steps, "--gradient_accumulation_steps"),
        Setting.Word(OptimizerNames.Set, "--optimizer"),
        Setting.Word(BF16, "--bf16"),
        Setting.YesOrNo((draft, on) => draft.Mixed = on ? MixedPrecision.FP16 : draft.Mixed, "--fp16"),
        Setting.YesOrNo((draft, on) => draft.Mixed = on ? MixedPrecision.FP8 : draft.Mixed, "--fp8"),
        Setting.Word(Checkpointing, "--gradient_checkpointing"),
        Setting.Word((draft, on) => (draft.Offload.Activations = on is "true" or "legacy" or "hidden_states") == true || on == "false", "--activation_offloading"),
        Setting.YesOrNo((draft, on) => draft.Training.FusedKernels = on ? true : null, "--torch_compile"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : draft.Training.Loss, "--liger_fused_linear_cross_entropy", "--cut_cross_entropy"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Chunked : draft.Training.Loss, "--chunked_cross_entropy"),
        Setting.Words(Plugins, "--plugins"),
        Setting.Word((draft, rl) => (draft.Training.Objective = Objective(rl)) is not null, "--rl"),
        Setting.YesOrNo((draft, on) => draft.Training.ReferenceModel = on ? false : null, "--precompute_ref_log_probs"),
        Setting.UnlessOn(
            "--auto_find_batch_size", "--layer_offloading", "--tiled_mlp", "--lora_mlp_kernel", "--lora_qkv_kernel", "--lora_o_kernel", "--bfloat16", "--float16", "--float32", "--flex_attention",
            "--xformers_attention", "--qat", "--relora", "--reward_model", "--selective_checkpointing", "--flash_attn_cross_entropy",
            "--use_kernels"),

        // Experts in MXFP4 are expanded to be trained.
        Setting.Word((_, scheme) => scheme == "Mxfp4Config", "--model_quantization_config"),
        Setting.Mapping(new SettingTable(Setting.Word((_, expands) => expands == "true", "--dequantize")), _ => { }, "--model_quantization_config_kwargs"),
    ];

    private static readonly Setting[] OfDivision =
    [
        Setting.Mapping(DeepSpeedKeys.Table, draft => DeepSpeedKeys.Of(draft), "--deepspeed"),
        Setting.Words(TransformersTrainer.Fsdp, "--fsdp"),
        Setting.Mapping(FsdpKeys.Table, draft => FsdpKeys.Of(draft), "--fsdp_config"),
        Setting.Word(FsdpKeys.Version, "--fsdp_version"),
        Setting.Whole((draft, size) => draft.Layout.Context = (int)Math.Min(size, int.MaxValue), "--context_parallel_size", "--sequence_parallel_degree"),
        Setting.Whole((draft, size) => draft.Layout.Tensor = (int)Math.Min(size, int.MaxValue), "--tensor_parallel_size"),
        Setting.Whole((draft, size) => draft.Layout.ShardGroup = (int)Math.Min(size, int.MaxValue), "--dp_shard_size"),
        Setting.Word((draft, count) => draft.Processes.SetInAll(count), "--num_processes"),
    ];

    private static readonly Setting Silent = Setting.WithoutEffect(
        FlagValues.One,
        "--model_type", "--tokenizer_type", "--tokenizer_config", "--processor_type", "--tokenizer_use_fast", "--tokenizer_legacy", "--tokenizer_use_mistral_common", "--trust_remote_code", "--base_model_config", "--base_model_ignore_patterns",
        "--revision_of_model", "--hub_model_id", "--hub_strategy", "--output_dir", "--datasets", "--test_datasets", "--pretraining_dataset", "--dataset_prepared_path", "--dataset_processes",
        "--dataset_num_proc", "--shuffle_merged_datasets", "--skip_prepare_dataset", "--val_set_size", "--chat_template", "--chat_template_jinja", "--default_system_message", "--eot_tokens",
        "--special_tokens", "--tokens", "--train_on_inputs", "--group_by_length", "--pad_to_sequence_len", "--eval_sample_packing", "--sample_packing_group_size", "--sample_packing_bin_size",
        "--excess_length_strategy", "--learning_rate", "--lr_scheduler", "--lr_scheduler_kwargs", "--cosine_min_lr_ratio", "--warmup_steps", "--warmup_ratio", "--weight_decay", "--adam_beta1",
        "--adam_beta2", "--adam_epsilon", "--max_grad_norm", "--num_epochs", "--max_steps", "--optim_args", "--tf32", "--gradient_checkpointing_kwargs", "--torch_compile_backend",
        "--torch_compile_mode", "--liger_rope", "--liger_rms_norm", "--liger_rms_norm_gated", "--liger_layer_norm", "--liger_glu_activation", "--neftune_noise_alpha", "--eval_batch_size", "--eval_steps",
        "--evals_per_epoch", "--eval_strategy", "--eval_table_size", "--eval_max_new_tokens", "--eval_sequence_len", "--save_steps", "--saves_per_epoch", "--save_strategy",
        "--save_total_limit", "--save_safetensors", "--save_first_step", "--save_only_model", "--load_best_model_at_end", "--metric_for_best_model", "--early_stopping_patience", "--logging_steps",
        "--resume_from_checkpoint", "--auto_resume_from_checkpoints", "--wandb_project", "--wandb_entity", "--wandb_watch", "--wandb_name", "--wandb_log_model", "--wandb_run_id", "--use_tensorboard",
        "--mlflow_experiment_name", "--mlflow_tracking_uri", "--use_wandb", "--use_mlflow", "--seed", "--strict", "--debug", "--local_rank", "--ddp_timeout", "--ddp_find_unused_parameters",
        "--dataloader_num_workers", "--dataloader_pin_memory", "--dataloader_prefetch_factor", "--low_cpu_mem_usage", "--gc_steps", "--gc_collect_steps", "--loss_watchdog_threshold", "--loss_watchdog_patience",
        "--ring_attn_func", "--heads_k_stride", "--dp_replicate_size", "--fsdp_final_state_dict_type", "--rl_beta", "--dpo_beta", "--s2_attention", "--main_process_port", "--shard", "--experimental_skip_move_to_device", "--freeze_mm_modules",
        "--is_llama_derived_model", "--is_mistral_derived_model", "--is_qwen_derived_model", "--include_tokens_per_second", "--remove_unused_columns", "--device", "--model_config");

    public static TrainingProgram Program { get; } = new("Axolotl", Trainer.Axolotl, new SettingTable([.. OfModel, .. OfAdapters, .. OfStep, .. OfDivision, Silent]), Complete);

    private static void Complete(TrainingDraft draft)
    {
        // axolotl/utils/config (resolve_dtype): bf16 is auto, which is on where the GPU has it, and the model is loaded so.
        draft.Mixed ??= MixedPrecision.BF16;
        draft.Loaded ??= draft.Mixed switch { MixedPrecision.FP16 => DataType.FP16, MixedPrecision.No => DataType.FP32, _ => DataType.BF16 };

        // loaders/model.py: bnb_4bit_use_double_quant.
        draft.DoubleQuantized ??= true;
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"sequence_len is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.CompleteBatch(draft, 1, "micro_batch_size");

        // monkeypatch/accelerate/fsdp2.py, fsdp2_prepare_model: unlike accelerate's it makes nothing fp32.
        if (draft is { Fsdp.Version: 2, DeepSpeed: null, Loaded: DataType.BF16, HasAdapters: not true })
            draft.Training.Precision = Precision.BF16;

        // Of bitsandbytes' weights it makes no empty ones to divide.
        if (draft is { Fsdp.Version: 2, HasAdapters: true } && (draft.Quantized is not null || draft.Together.ContainsKey(QuantizesExperts)))
            draft.Assume("Before FSDP 2 divides quantised weights, every GPU holds all of them: that moment is not estimated.");
        draft.Training.Attention ??= AttentionKernel.SDPA;
    }

    private static bool BF16(TrainingDraft draft, string text)
    {
        if (text is "false")
            draft.Mixed ??= MixedPrecision.No;
        else if (text is "true" or "auto" or "full")
            draft.Mixed = draft.Mixed is MixedPrecision.FP16 && text == "auto" ? MixedPrecision.FP16 : MixedPrecision.BF16;
        return text is "true" or "false" or "auto" or "full";
    }

    /// <summary>offload keeps the inputs of layers on the host.</summary>
    private static bool Checkpointing(TrainingDraft draft, string text)
    {
        draft.Training.Recompute = text is "true" or "offload" ? Recompute.Full : text is "false" ? Recompute.None : draft.Training.Recompute;
        if (text is "offload")
            draft.Offload.Activations = true;
        return text is "true" or "false" or "offload";
    }

    /// <summary>Cut cross entropy is on as soon as its plugin is listed (integrations/cut_cross_entropy/args.py).</summary>
    private static bool Plugins(TrainingDraft draft, IReadOnlyList<string> plugins)
    {
        if (plugins.Any(plugin => plugin.Contains("cut_cross_entropy", StringComparison.Ordinal)))
            draft.Training.Loss ??= LossKernel.Fused;
        return plugins.All(plugin => plugin.Contains("cut_cross_entropy", StringComparison.Ordinal) || plugin.Contains(".liger", StringComparison.Ordinal));
    }

    private static TrainingObjective? Objective(string rl) => rl switch
    {
        "dpo" or "ipo" => TrainingObjective.DPO,
        "orpo" => TrainingObjective.ORPO,
        "kto" => TrainingObjective.KTO,
        _ => null,
    };
}
