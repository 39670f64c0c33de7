using System.Text.Json.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The arguments of ms-swift, of releases 2 to 4 (swift/llm/argument, since 4 swift/arguments), which are those of the Trainer of transformers beside its own.</summary>
internal static class SwiftKeys
{
    private static readonly Setting[] OfModel =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model", "--model_id_or_path"),
        Setting.Word(ModelFlags.Type, "--torch_dtype"),
        Setting.Word((draft, kernel) => ModelFlags.Attention(draft, kernel == "flash_attn" ? "flash_attention_2" : kernel), "--attn_impl"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.Flash : null, "--use_flash_attn"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = Math.Max(draft.Training.SequenceLength ?? 0, tokens), "--max_length", "--packing_length"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : draft.Training.Padding, "--packing", "--padding_free"),
        Setting.Word((_, task) => task == "causal_lm", "--task_type"),

        // The way of transformers 5 (integrations/moe.py).
        Setting.Word((_, way) => way == "grouped_mm", "--experts_impl"),
    ];

    private static readonly Setting[] OfTuner =
    [
        Setting.Word(Tuner, "--train_type", "--tuner_type", "--sft_type"),
        Setting.Word((_, backend) => backend is "peft" or "swift", "--tuner_backend"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_rank"),
        Setting.Words((draft, names) => ModelFlags.Targets(draft, names is ["DEFAULT" or "ALL"] ? [] : names), "--target_modules", "--lora_target_modules"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names]).Count > 0, "--modules_to_save", "--lora_modules_to_save"),
        Setting.YesOrNo((draft, on) => draft.Lora.Decomposed = on, "--use_dora"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout", "--lora_dropout_p"),
        Setting.Word((draft, type) => type == "AUTO" || (draft.DataTypes.Adapters = AdapterType(type)) is not null, "--lora_dtype"),
        Setting.Word(Method, "--quant_method"),
        Setting.Together(SwiftRun.Bits),
        Setting.Word((draft, bits) => bits == "0" || (draft.Quantized = SwiftRun.Scheme(bits)) is not null, "--quantization_bit"),
        Setting.Word((draft, type) => type == "nf4" || (type == "fp4" && (draft.Quantized = QuantizationScheme.FP4) is not null), "--bnb_4bit_quant_type"),
        Setting.YesOrNo((draft, on) => draft.DoubleQuantized = on, "--bnb_4bit_use_double_quant"),
        Setting.YesOrNo((draft, on) => draft.Training.Optimizer = on ? Optimizer.GaLore : draft.Training.Optimizer, "--use_galore"),
        Setting.Whole((draft, rank) => (draft.Training.OptimizerOptions ??= new OptimizerSettings()).ProjectionRank = (int)Math.Min(rank, int.MaxValue), "--galore_rank"),
        Setting.UnlessOn("--freeze_llm", "--freeze_parameters_ratio", "--lisa_activated_layers", "--galore_quantization", "--galore_optim_per_parameter", "--use_ray"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha", "--lorap_lr_ratio", "--init_weights", "--bnb_4bit_compute_dtype", "--bnb_4bit_comp_dtype", "--lora_bias"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--use_rslora", "--freeze_vit", "--freeze_aligner"),
    ];

    private static readonly Setting[] OfDivision =
    [
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--batch_size"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : null, "--use_liger"),
        Setting.Mapping(DeepSpeedKeys.Table, draft => DeepSpeedKeys.Of(draft), "--deepspeed") with { Shipped = Zero },
        Setting.Words(Fsdp, SwiftRun.Division),
        Setting.Whole((draft, size) => draft.Layout.Context = (int)Math.Min(size, int.MaxValue), "--sequence_parallel_size", "--context_parallel_size", "--cp_size"),
        Setting.Whole((draft, size) => draft.Layout.Expert = (int)Math.Min(size, int.MaxValue), "--expert_parallel_size", "--ep_size"),
        Setting.Whole((draft, size) => draft.Layout.Tensor = (int)Math.Min(size, int.MaxValue), "--deepspeed_autotp_size"),
        Setting.Word((_, group) => group is "0" or "1", "--zero_hpz_partition_size"),
    ];

    private static readonly Setting[] Silent =
    [
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--streaming", "--lazy_tokenize", "--use_hf", "--strict", "--load_from_cache_file", "--add_version", "--create_checkpoint_symlink", "--load_args", "--load_data_args", "--check_model",
            "--ignore_args_error", "--resume_only_model", "--predict_with_generate", "--use_chat_template", "--train_dataloader_shuffle", "--dataset_shuffle", "--check_dataset_strategy",
            "--use_logits_to_keep", "--add_non_thinking_prefix"),
        Setting.WithoutEffect(FlagValues.Several, "--dataset", "--val_dataset", "--cached_dataset", "--cached_val_dataset", "--custom_dataset_info", "--external_plugins", "--custom_register_path", "--model_name", "--model_author"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--model_type", "--model_revision", "--model_kwargs", "--template", "--template_type", "--system", "--truncation_strategy", "--max_pixels", "--agent_template", "--loss_scale", "--norm_bbox",
            "--split_dataset_ratio", "--dataset_num_proc", "--dataset_test_ratio", "--packing_num_proc", "--packing_strategy", "--train_dataset_sample", "--columns", "--padding_side",
            "--hub_model_id", "--acc_strategy", "--ddp_backend", "--max_new_tokens", "--vit_lr", "--aligner_lr", "--swanlab_project", "--swanlab_exp_name", "--swanlab_mode", "--metric",
            "--response_prefix", "--enable_thinking", "--router_aux_loss_coef", "--shuffle_buffer_size", "--max_epochs", "--early_stop_interval", "--temperature", "--top_p", "--top_k", "--repetition_penalty", "--eval_human", "--preprocess_num_proc"),
    ];

    private static readonly Setting[] OfPreferences =
    [
        Setting.Together(SwiftRun.Type),
        Setting.Together(SwiftRun.Beta),
        Setting.WithoutEffect(FlagValues.Several, "--loss_type", "--loss_weights", "--reward_funcs", "--reward_weights"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--ref_model", "--ref_model_type", "--label_smoothing", "--rpo_alpha", "--ld_alpha", "--cpo_alpha", "--simpo_gamma", "--desirable_weight", "--undesirable_weight", "--num_iterations",
            "--epsilon", "--epsilon_high", "--steps_per_generation", "--generation_batch_size", "--scale_rewards", "--log_completions", "--dynamic_sample", "--overlong_filter", "--advantage_estimator",
            "--importance_sampling_level", "--soft_cache_length", "--max_resample_times", "--num_generations_eval"),
    ];

    private static readonly Setting[] OfRollout =
    [
        .. TrlTrainer.OfRollout,
        Setting.Whole((draft, level) => TrlTrainer.Rollout(draft).EngineSleeps = level > 0 ? true : null, "--sleep_level"),
        Setting.Together(SwiftRun.Mode),
        Setting.UnlessOn("--offload_model", "--offload_optimizer", "--async_generate", "--move_model_batches"),
        Setting.WithoutEffect(FlagValues.Several, "--vllm_server_host", "--vllm_server_port", "--vllm_server_base_url"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--vllm_max_model_len", "--vllm_enforce_eager", "--vllm_enable_prefix_caching", "--vllm_limit_mm_per_prompt", "--vllm_max_num_seqs", "--vllm_disable_cascade_attn", "--vllm_engine_kwargs"),
    ];

    /// <summary>Of a command of swift; null for one that trains nothing that is known here (swift/cli/main.py, ROUTE_MAPPING).</summary>
    public static TrainingProgram? Of(string command) => command switch
    {
        "pt" or "sft" => Program(command, [], SwiftRun.Complete),
        "rlhf" => Program(command, [.. OfRollout, .. OfPreferences], SwiftRun.CompletePreferences),
        _ => null,
    };

    private static TrainingProgram Program(string command, Setting[] more, Action<TrainingDraft> complete) => new(
        $"ms-swift {command}",
        Trainer.HuggingFace,
        new SettingTable([.. TransformersTrainer.Arguments, .. OfModel, .. OfTuner, .. OfDivision, .. Silent, .. more]),
        complete) { FileFlag = "--config" };

    private static bool Method(TrainingDraft draft, string method)
    {
        if (method == "bnb")
            draft.Quantized ??= QuantizationScheme.NF4;
        return method == "bnb";
    }

    private static bool Tuner(TrainingDraft draft, string type)
    {
        draft.HasAdapters = type == "lora";
        return type is "lora" or "full";
    }

    private static DataType? AdapterType(string type) => type switch
    {
        "float32" or "fp32" => DataType.FP32,
        "bfloat16" or "bf16" => DataType.BF16,
        "float16" or "fp16" => DataType.FP16,
        _ => null,
    };

    /// <summary>The configurations that come with it (swift/config); of zero3_offload that of release 3 and later, which offloads both.</summary>
    private static JsonObject? Zero(string name) => name switch
    {
        "zero0" or "zero1" or "zero2" or "zero3" => ShippedDeepSpeedFiles.Zero(name[^1] - '0'),
        "zero2_offload" => ShippedDeepSpeedFiles.Zero(2, "offload_optimizer"),
        "zero3_offload" => ShippedDeepSpeedFiles.Zero(3, "offload_optimizer", "offload_param"),
        _ => null,
    };

    /// <summary>fsdp2 is the configuration of that name that comes with it (swift/config/fsdp2.json).</summary>
    private static bool Fsdp(TrainingDraft draft, IReadOnlyList<string> options)
    {
        if (options is not ["fsdp2"])
            return TransformersTrainer.Fsdp(draft, options);
        var choice = FsdpKeys.Of(draft);
        (choice.Version, choice.Sharding, choice.ReshardsAfterForward, choice.IsTrainers) = (2, Sharding.Full, true, true);
        draft.Together[SwiftRun.Division] = "fsdp2";
        return true;
    }
}
