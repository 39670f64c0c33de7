using System.Text.Json.Nodes;

namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of accelerate launch, which are the keys of its configuration too (accelerate/commands/launch.py, commands/config/config_args.py).</summary>
internal static class AccelerateFlags
{
    private static readonly SettingTable OfDeepSpeed = new(OfPlugin());

    private static readonly SettingTable OfParallelism = new(OfDegrees());

    private static readonly Setting[] Shared =
    [
        Setting.Word((draft, count) => draft.Processes.SetInAll(count), "--num_processes"),
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--num_machines"),
        Setting.Word(Mixed, "--mixed_precision"),
        Setting.UnlessOn("--cpu", "--use_cpu", "--tpu", "--use_megatron_lm", "--tpu_use_cluster"),
        Setting.Word((_, backend) => backend.Equals("no", StringComparison.OrdinalIgnoreCase), "--dynamo_backend"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--machine_rank", "--main_process_ip", "--main_process_port", "--rdzv_backend", "--rdzv_conf", "--same_network", "--gpu_ids", "--main_training_function", "--downcast_bf16",
            "--num_cpu_threads_per_process", "--tee", "--log_dir", "--role", "--max_restarts", "--monitor_interval", "--compute_environment", "--debug", "--tpu_env", "--tpu_use_sudo",
            "--enable_cpu_affinity", "--command_file", "--commands", "--tpu_name", "--tpu_zone", "--dynamo_mode"),
    ];

    private static readonly SettingTable OfFile = new(
    [
        .. Shared,
        Setting.Word(Distribution, "--distributed_type"),
        Setting.Mapping(FsdpKeys.Table, _ => { }, "--fsdp_config"),
        Setting.Mapping(OfDeepSpeed, _ => { }, "--deepspeed_config"),
        Setting.Mapping(OfParallelism, _ => { }, "--parallelism_config"),
        Setting.WithoutEffect(FlagValues.One, "--dynamo_config", "--mpirun_config"),
    ]);

    /// <summary>The flags.</summary>
    public static Setting[] All { get; } =
    [
        .. Shared,
        .. OfPlugin(),
        .. OfDegrees(),
        Setting.Mapping(OfFile, draft => draft.Processes.IsConfigured = true, "--config_file"),
        Setting.Switch(draft => draft.Distribution = "FSDP", "--use_fsdp"),
        Setting.Switch(draft => draft.Distribution = "DEEPSPEED", "--use_deepspeed"),
        Setting.Switch(draft => draft.Distribution = "MULTI_GPU", "--multi_gpu"),
        Setting.Word(FsdpKeys.Version, "--fsdp_version"),
        .. new[] { "fsdp_sharding_strategy", "fsdp_reshard_after_forward", "fsdp_offload_params", "fsdp_activation_checkpointing" }.Select(name => FsdpKeys.Table.Find($"--{name}")!),
        Setting.WithoutEffect(FlagValues.None, "-m", "--module", "--no_python", "-q", "--quiet", "--use_parallelism_config"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--fsdp_auto_wrap_policy", "--fsdp_transformer_layer_cls_to_wrap", "--fsdp_min_num_params", "--fsdp_backward_prefetch", "--fsdp_forward_prefetch", "--fsdp_state_dict_type",
            "--fsdp_use_orig_params", "--fsdp_cpu_ram_efficient_loading", "--fsdp_sync_module_states"),
    ];

    public static SettingTable Table { get; } = new(All);

    /// <summary>A configuration that stands where a file would.</summary>
    public static void Take(TrainingDraft draft, JsonObject configuration, string name)
    {
        draft.Processes.IsConfigured = true;
        OfFile.TakeAll(draft, configuration, $"{name}: ");
    }

    /// <summary>What distributed_type does not choose stays out of it, though it is configured (launch.py, _validate_launch_command).</summary>
    /// <param name="draft">What was read.</param>
    /// <param name="ofTrainer">The trainer's own flags have been read, too, and hold.</param>
    public static void Complete(TrainingDraft draft, bool ofTrainer = false)
    {
        var (counts, isDeepSpeed, isFsdp) = (draft.Processes, draft.Distribution == "DEEPSPEED", draft.Distribution == "FSDP");

        // DeepSpeedPlugin's stage is 2 (accelerate/utils/dataclasses.py).
        draft.DeepSpeed = isDeepSpeed || (ofTrainer && draft.DeepSpeed is not null) ? DeepSpeedKeys.Of(draft) : null;
        if (isDeepSpeed && draft.DeepSpeed is { Stage: null } choice)
            choice.Stage = Estimation.Jobs.Sharding.Gradients;
        draft.Fsdp = isFsdp || (ofTrainer && draft.Fsdp is { IsTrainers: true }) ? FsdpKeys.Of(draft) : null;
        if (draft.Fsdp is { Version: null or 1, Sharding: null } divided)
            divided.Sharding = Estimation.Jobs.Sharding.Full;

        // Without a distributed type the script is started once, whatever the configuration says of processes (simple_launcher).
        if (draft.Distribution == "NO")
            (counts.InAll, counts.PerNode) = (null, 1);
        if (counts.InAll is not null || counts.PerNode is not null)
            return;
        if (counts.IsConfigured && draft.Distribution is not null)
            draft.Reading.NotUnderstood.Add("num_processes, which stands neither in accelerate's configuration nor behind --num_processes: accelerate refuses to start");
        counts.PerNodeIsGpus = true;
    }

    private static bool Distribution(TrainingDraft draft, string type)
    {
        draft.Distribution = type.ToUpperInvariant();

        // YAML 1.1 reads a bare NO as false.
        if (draft.Distribution == "FALSE")
            draft.Distribution = "NO";
        return draft.Distribution is "NO" or "MULTI_GPU" or "FSDP" or "DEEPSPEED";
    }

    private static bool Mixed(TrainingDraft draft, string precision)
    {
        MixedPrecision? read = precision.ToLowerInvariant() switch
        {
            "no" or "false" => MixedPrecision.No,
            "bf16" => MixedPrecision.BF16,
            "fp16" => MixedPrecision.FP16,
            "fp8" => MixedPrecision.FP8,
            _ => null,
        };
        draft.LauncherMixed = read ?? draft.LauncherMixed;
        return read is not null;
    }

    private static Setting[] OfPlugin() =>
    [
        Setting.Word(DeepSpeedKeys.Stage, "--zero_stage"),
        Setting.Word((draft, device) => (draft.Offload.Optimizer = DeepSpeedKeys.Device(device)) is not null, "--offload_optimizer_device"),
        Setting.Word((draft, device) => (draft.Offload.Parameters = DeepSpeedKeys.Device(device)) is not null, "--offload_param_device"),
        Setting.Mapping(DeepSpeedKeys.Table, draft => DeepSpeedKeys.Of(draft), "--deepspeed_config_file"),

        // The Trainer takes its own (transformers/training_args.py).
        Setting.WithoutEffect(
            FlagValues.One,
            "--gradient_accumulation_steps", "--gradient_clipping", "--zero3_init_flag", "--zero3_save_16bit_model", "--deepspeed_hostfile", "--deepspeed_exclusion_filter",
            "--deepspeed_inclusion_filter", "--deepspeed_multinode_launcher", "--deepspeed_moe_layer_cls_names", "--offload_optimizer_nvme_path", "--offload_param_nvme_path"),
    ];

    private static Setting[] OfDegrees() =>
    [
        Setting.Whole((draft, size) => draft.Layout.Tensor = Degree(size), "--parallelism_config_tp_size"),
        Setting.Whole((draft, size) => draft.Layout.Context = Degree(size), "--parallelism_config_cp_size"),
        Setting.Whole((draft, size) => draft.Layout.ShardGroup = size > 1 ? Degree(size) : draft.Layout.ShardGroup, "--parallelism_config_dp_shard_size"),
        Setting.Word((_, size) => size == "1", "--parallelism_config_sp_size"),
        Setting.WithoutEffect(FlagValues.One, "--parallelism_config_dp_replicate_size", "--parallelism_config_cp_comm_strategy", "--parallelism_config_cp_backend"),
    ];

    private static int Degree(long size) => (int)Math.Min(size, int.MaxValue);
}
