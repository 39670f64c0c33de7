using System.Globalization;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The keys of verl's ppo_trainer, which Hydra takes as key=value (verl/trainer/config: ppo_trainer.yaml and what it includes).</summary>
internal static class VerlKeys
{
    private const int Percent = 100;

    private static readonly SettingTable OfData = new(
        Setting.Together(VerlRun.Prompt),
        Setting.Together(VerlRun.Response),
        Setting.WithoutEffect(
            FlagValues.One,
            "--train_files", "--val_files", "--train_batch_size", "--gen_batch_size", "--val_batch_size", "--prompt_key", "--reward_fn_key", "--tokenizer", "--use_shm", "--train_max_samples",
            "--val_max_samples", "--return_raw_input_ids", "--return_raw_chat", "--return_full_prompt", "--shuffle", "--seed", "--dataloader_num_workers", "--validation_shuffle",
            "--filter_overlong_prompts", "--filter_overlong_prompts_workers", "--truncation", "--image_key", "--video_key", "--trust_remote_code", "--custom_cls", "--return_multi_modal_inputs",
            "--apply_chat_template_kwargs", "--sampler", "--datagen", "--tool_config_path"));

    private static readonly SettingTable OfModel = new(
        Setting.Word((draft, name) => draft.SetModel(name), "--path"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--enable_gradient_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Offload.Activations = on, "--enable_activation_offload"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = !on, "--use_remove_padding"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : null, "--use_fused_kernels"),
        Setting.Mapping(new SettingTable(Setting.Word(ModelFlags.Attention, "--attn_implementation")), _ => { }, "--override_config"),
        Setting.Whole(ModelFlags.Adapt, "--lora_rank"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.UnlessOn("--use_liger"),
        Setting.WithoutEffect(
            FlagValues.One, "--lora_alpha", "--trust_remote_code", "--external_lib", "--use_shm", "--tokenizer_path", "--hf_config_path", "--custom_chat_template", "--fused_kernel_options"));

    /// <summary>param_offload and optimizer_offload, unlike offload_policy, are of the time between training steps.</summary>
    private static readonly SettingTable OfEngine = new(
        Setting.Together(VerlRun.WeightsLeave),
        Setting.Together(VerlRun.StatesLeave),
        Setting.UnlessOn("--grad_offload"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--offload_policy"),
        Setting.YesOrNo((draft, on) => FsdpKeys.Of(draft).ReshardsAfterForward = on, "--reshard_after_forward"),
        Setting.Word((draft, size) => size == "-1" || (ProcessCounts.IsCount(size, out var ranks) && (draft.Layout.ShardGroup = ranks) > 0), "--fsdp_size"),
        Setting.Word(ModelFlags.Type, "--model_dtype"),
        Setting.Word((_, type) => type is "bfloat16" or "bf16", "--dtype"),
        Setting.WithoutEffect(FlagValues.One, "--wrap_policy", "--forward_prefetch", "--use_orig_params", "--seed", "--full_determinism", "--use_torch_compile"));

    private static readonly SettingTable OfActor = new(
        Setting.Together(VerlRun.MiniBatch),
        Setting.Together(VerlRun.MicroBatch),
        Setting.Together(VerlRun.IsDynamic),
        Setting.Together(VerlRun.Tokens),
        Setting.Together(VerlRun.Loss),
        Setting.Word((draft, strategy) => (FsdpKeys.Of(draft).Version = strategy switch { "fsdp" => 1, "fsdp2" => 2, _ => null }) is not null, "--strategy"),
        Setting.Whole((draft, size) => (draft.Layout.Context, draft.Layout.ContextExchange) = ((int)Math.Min(size, int.MaxValue), ContextExchange.Ulysses), "--ulysses_sequence_parallel_size"),
        Setting.Mapping(OfEngine, _ => { }, "--fsdp_config"),

        // Entropy is computed from all logits beside the loss, unless its coefficient is 0.
        Setting.Word((_, text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share == 0, "--entropy_coeff"),
        Setting.Mapping(
            new SettingTable(
                Setting.Word((_, name) => name is "AdamW", "--optimizer"),
                Setting.Word((_, module) => module is "torch.optim", "--optimizer_impl"),
                Setting.WithoutEffect(
                    FlagValues.One, "--lr", "--lr_warmup_steps_ratio", "--total_training_steps", "--weight_decay", "--lr_warmup_steps", "--betas", "--clip_grad", "--min_lr_ratio", "--num_cycles",
                    "--lr_scheduler_type", "--warmup_style")),
            _ => { },
            "--optim"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--clip_ratio", "--clip_ratio_low", "--clip_ratio_high", "--clip_ratio_c", "--tau_pos", "--tau_neg", "--policy_loss", "--loss_agg_mode", "--loss_scale_factor", "--use_torch_compile",
            "--kl_loss_coef", "--kl_loss_type", "--ppo_epochs", "--shuffle", "--data_loader_seed", "--checkpoint", "--profiler", "--grad_clip", "--use_prefix_grouper"));

    private static readonly SettingTable OfReference = new(
        Setting.Word((draft, text) => VerlRun.Larger(draft, VerlRun.ScoredBatch, text), VerlRun.ScoredBatch),
        Setting.Word((draft, text) => VerlRun.Larger(draft, VerlRun.Scored, text), VerlRun.Scored),

        // Its weights are on the host between uses, whatever this says (workers/fsdp_workers.py, CPUOffload of all but the actor).
        Setting.WithoutEffect(FlagValues.One, "--fsdp_config", "--strategy", "--use_torch_compile", "--log_prob_use_dynamic_bsz", "--ulysses_sequence_parallel_size", "--profiler"));

    /// <summary>Its share of the memory bounds whatever else the engine is told.</summary>
    private static readonly SettingTable OfRollout = new(
        Setting.Word((_, engine) => engine is "vllm" or "sglang", "--name"),
        Setting.Word(Share, "--gpu_memory_utilization"),
        Setting.Whole((draft, size) => TrlTrainer.Rollout(draft).EngineTensor = (int)Math.Min(size, int.MaxValue), "--tensor_model_parallel_size"),
        Setting.YesOrNo((draft, on) => TrlTrainer.Rollout(draft).EngineSleeps = on, "--free_cache_engine"),
        Setting.Whole((draft, count) => TrlTrainer.Rollout(draft).GroupSize = count > 1 ? (int)Math.Min(count, int.MaxValue) : null, "--n"),
        Setting.Word((draft, type) => type is "bfloat16" or "float16" or "half", "--dtype"),
        Setting.Word((draft, scheme) => scheme == "fp8" && (TrlTrainer.Rollout(draft).EngineWeights = DataType.FP8) is not null, "--quantization"),
        Setting.Word((draft, text) => VerlRun.Larger(draft, VerlRun.ScoredBatch, text), VerlRun.ScoredBatch),
        Setting.Word((draft, text) => VerlRun.Larger(draft, VerlRun.Scored, text), VerlRun.Scored),
        Setting.UnlessOn("--nnodes"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--mode", "--temperature", "--top_k", "--top_p", "--do_sample", "--prompt_length", "--response_length", "--seed", "--ignore_eos", "--enforce_eager", "--max_num_batched_tokens",
            "--max_model_len", "--max_num_seqs", "--enable_chunked_prefill", "--enable_prefix_caching", "--load_format", "--layered_summon", "--log_prob_use_dynamic_bsz", "--disable_log_stats",
            "--over_sample_rate", "--multi_stage_wake_up", "--engine_kwargs", "--val_kwargs", "--multi_turn", "--calculate_log_probs", "--agent", "--trace", "--skip_tokenizer_init", "--profiler",
            "--update_weights_bucket_megabytes", "--checkpoint_engine", "--use_fire_sampling", "--cudagraph_capture_sizes", "--limit_images"));

    private static readonly SettingTable OfTrainer = new(
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--nnodes"),
        Setting.Word((draft, count) => draft.Processes.SetPerNode(count), "--n_gpus_per_node"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--balance_batch", "--total_epochs", "--total_training_steps", "--project_name", "--experiment_name", "--logger", "--log_val_generations", "--rollout_data_dir", "--validation_data_dir",
            "--save_freq", "--test_freq", "--esi_redundant_time", "--resume_mode", "--resume_from_path", "--val_before_train", "--val_only", "--critic_warmup", "--default_hdfs_dir",
            "--default_local_dir", "--del_local_ckpt_after_load", "--max_actor_ckpt_to_keep", "--max_critic_ckpt_to_keep", "--ray_wait_register_center_timeout", "--device",
            "--use_legacy_worker_impl"));

    /// <summary>The program: verl, by its keys.</summary>
    public static TrainingProgram Program { get; } = new("verl", Trainer.Verl, new SettingTable(
        Setting.Mapping(OfData, _ => { }, "--data"),
        Setting.Mapping(
            new SettingTable(
                Setting.Mapping(OfModel, _ => { }, "--model"),
                Setting.Mapping(OfActor, _ => { }, "--actor"),
                Setting.Mapping(OfReference, _ => { }, "--ref"),
                Setting.Mapping(OfRollout, _ => { }, "--rollout"),
                Setting.Together(VerlRun.Hybrid),
                Setting.WithoutEffect(FlagValues.One, "--nccl_timeout")),
            _ => { },
            "--actor_rollout_ref"),
        Setting.Mapping(OfTrainer, _ => { }, "--trainer"),
        Setting.Mapping(
            new SettingTable(
                Setting.Together(VerlRun.Estimator),
                Setting.Together(VerlRun.Reward),
                Setting.WithoutEffect(
                    FlagValues.One, "--gamma", "--lam", "--norm_adv_by_std_in_grpo", "--kl_penalty", "--kl_ctrl", "--filter_groups", "--use_pf_ppo", "--pf_ppo", "--rollout_correction", "--rollout_is")),
            _ => { },
            "--algorithm"),
        Setting.Mapping(OfRewardModel(), _ => { }, "--reward_model"),
        Setting.Mapping(new SettingTable(Setting.Mapping(OfRewardModel(), _ => { }, "--reward_model"), OthersOfReward), _ => { }, "--reward"),

        // gae alone trains a critic, which is taken to be set as the actor is.
        Setting.Mapping(
            new SettingTable(
                Setting.Mapping(new SettingTable(Setting.Word((draft, path) => (draft.Together[VerlRun.Critic] = path).Length > 0, "--path"), Setting.WithoutEffect(FlagValues.One, "--*")), _ => { }, "--model"),
                Setting.WithoutEffect(FlagValues.One, "--*")),
            _ => { },
            "--critic"),
        Setting.WithoutEffect(FlagValues.One, "--custom_reward_function", "--ray_init", "--ray_kwargs", "--global_profiler", "--sandbox_fusion", "--transfer_queue"),
        Setting.Word((_, name) => name is "ppo_trainer" or "ppo_trainer.yaml", "--config-name")), VerlRun.Complete);

    private static Setting OthersOfReward => Setting.WithoutEffect(FlagValues.One, "--num_workers", "--custom_reward_function", "--reward_manager", "--sandbox_fusion");

    private static SettingTable OfRewardModel() => new(
        Setting.UnlessOn("--enable"),
        Setting.WithoutEffect(FlagValues.One, "--reward_manager", "--launch_reward_fn_async", "--reward_kwargs", "--overlong_buffer", "--sandbox_fusion", "--num_workers", "--use_reward_loop"));

    private static bool Share(TrainingDraft draft, string text)
    {
        var isShare = decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1;
        if (isShare)
            TrlTrainer.Rollout(draft).EngineMemoryPercent = (int)Math.Clamp(decimal.Round(share * Percent), 1, Percent - 1);
        return isShare;
    }
}
