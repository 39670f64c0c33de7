using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The keys of a DeepSpeed configuration (deepspeed/runtime/constants.py, runtime/zero/config.py, runtime/zero/offload_config.py).</summary>
internal static class DeepSpeedKeys
{
    private const string Auto = "auto";

    private static readonly SettingTable OfOptimizer = new(
        Setting.Word((draft, type) => Optimizer(draft, type), "--type"), Setting.WithoutEffect(FlagValues.One, "--params", "--legacy_fusion"));

    private static readonly SettingTable OfZero = new(
    [
        Setting.Word(Stage, "--stage"),
        Setting.Mapping(Offloaded((draft, target) => draft.Offload.Optimizer = target), _ => { }, "--offload_optimizer"),
        Setting.Mapping(Offloaded((draft, target) => draft.Offload.Parameters = target), _ => { }, "--offload_param"),
        Setting.YesOrNo((draft, on) => draft.Offload.Optimizer = on ? OffloadTarget.Host : null, "--cpu_offload"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--cpu_offload_param"),

        // MiCS divides over groups, with copies between them; hpZ keeps a second copy of the weights in each node.
        Setting.Word((draft, group) => group == "-1" || (ProcessCounts.IsCount(group, out var ranks) && (draft.Layout.ShardGroup = ranks) > 0), "--mics_shard_size"),
        Setting.Word((_, group) => group is "0" or "1", "--zero_hpz_partition_size"),
        Setting.UnlessOn("--zero_quantized_weights", "--zero_quantized_nontrainable_weights", "--zero_quantized_gradients"),
        Bucket(500_000_000, "--reduce_bucket_size", "--allgather_bucket_size"),
        Bucket(50_000_000, "--stage3_prefetch_bucket_size", "--prefetch_bucket_size"),
        Bucket(1_000_000_000, "--stage3_max_live_parameters", "--max_live_parameters", "--stage3_max_reuse_distance", "--max_reuse_distance"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--contiguous_gradients", "--reduce_scatter", "--allgather_partitions", "--overlap_comm", "--round_robin_gradients", "--sub_group_size", "--load_from_fp32_weights",
            "--elastic_checkpoint", "--ignore_unused_parameters", "--legacy_stage1", "--memory_efficient_linear", "--stage3_param_persistence_threshold",
            "--param_persistence_threshold", "--stage3_model_persistence_threshold", "--model_persistence_threshold", "--stage3_gather_16bit_weights_on_model_save",
            "--gather_16bit_weights_on_model_save", "--stage3_gather_fp16_weights_on_model_save", "--use_multi_rank_bucket_allreduce", "--stage3_module_granularity_threshold",
            "--mics_hierarchical_params_gather", "--cpu_offload_use_pin_memory", "--override_module_apply", "--pipeline_loading_checkpoint", "--log_trace_cache_warnings"),
    ]);

    public static SettingTable Table { get; } = new(
    [
        Setting.Mapping(OfZero, draft => Of(draft), "--zero_optimization"),
        Setting.Mapping(Enabled((choice, on) => choice.IsBF16 = on), _ => { }, "--bf16", "--bfloat16"),
        Setting.Mapping(Enabled((choice, on) => choice.IsFP16 = on), _ => { }, "--fp16"),
        Setting.Mapping(OfOptimizer, _ => { }, "--optimizer"),
        Setting.Mapping(new SettingTable(Setting.Word(Gradients, "--grad_accum_dtype")), _ => { }, "--data_types"),
        Setting.Mapping(new SettingTable(Setting.UnlessOn("--enabled"), Setting.WithoutEffect(FlagValues.One, "--opt_level")), _ => { }, "--amp"),
        Setting.Mapping(new SettingTable(Setting.Whole((draft, size) => draft.Layout.Tensor = (int)Math.Min(size, int.MaxValue), "--autotp_size")), _ => { }, "--tensor_parallel"),
        Count((choice, size) => choice.MicroBatchSize = size, "--train_micro_batch_size_per_gpu"),
        Count((choice, steps) => choice.Accumulation = steps, "--gradient_accumulation_steps"),
        Count((choice, size) => choice.BatchSize = size, "--train_batch_size"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--scheduler", "--gradient_clipping", "--zero_allow_untested_optimizer", "--zero_force_ds_cpu_optimizer", "--steps_per_print", "--wall_clock_breakdown", "--memory_breakdown",
            "--communication_data_type", "--activation_checkpointing", "--flops_profiler", "--tensorboard", "--wandb", "--csv_monitor", "--comms_logger", "--aio", "--prescale_gradients",
            "--gradient_predivide_factor", "--checkpoint", "--sparse_gradients", "--dump_state", "--dataloader_drop_last"),
    ]);

    public static DeepSpeedChoice Of(TrainingDraft draft) => draft.DeepSpeed ??= new DeepSpeedChoice();

    public static bool Stage(TrainingDraft draft, string stage)
    {
        if (stage is not ("0" or "1" or "2" or "3"))
            return false;
        Of(draft).Stage = (Sharding)(stage[0] - '0');
        return true;
    }

    /// <summary>Where states go: none, cpu or nvme.</summary>
    public static OffloadTarget? Device(string device) => device switch { "none" => OffloadTarget.None, "cpu" => OffloadTarget.Host, "nvme" => OffloadTarget.NVMe, _ => null };

    private static SettingTable Offloaded(Action<TrainingDraft, OffloadTarget> set) => new(
    [
        Setting.Word((draft, device) =>
        {
            if (Device(device) is not { } target)
                return false;
            set(draft, target);
            return true;
        }, "--device"),

        // A part of the optimizer may stay on the GPU (Twin-Flow).
        Setting.Word((_, ratio) => ratio is "1" or "1.0", "--ratio"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--pin_memory", "--nvme_path", "--buffer_count", "--buffer_size", "--max_in_cpu", "--fast_init", "--pipeline_read", "--pipeline_write", "--pipeline", "--cpuadam_cores_perc"),
    ]);

    /// <summary>"auto" is filled in by whoever calls DeepSpeed (transformers/integrations/deepspeed.py).</summary>
    private static SettingTable Enabled(Action<DeepSpeedChoice, bool?> set) => new(
    [
        Setting.Word((draft, text) =>
        {
            bool? on = text == "true" ? true : text == "false" ? false : null;
            set(Of(draft), on);
            return on is not null || text == Auto;
        }, "--enabled"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--auto_cast", "--loss_scale", "--loss_scale_window", "--initial_scale_power", "--hysteresis", "--consecutive_hysteresis", "--min_loss_scale", "--check_overflow", "--opt_level"),
    ]);

    private static Setting Count(Action<DeepSpeedChoice, long> set, string name) => Setting.Word((draft, text) =>
    {
        if (text == Auto)
            return true;
        var isCount = ProcessCounts.IsCount(text, out var count);
        if (isCount)
            set(Of(draft), count);
        return isCount;
    }, name);

    /// <summary>The estimate counts buckets at their defaults, in elements: smaller ones need no more.</summary>
    private static Setting Bucket(long usual, params string[] names)
    {
        var smaller = Setting.Whole((_, _) => { }, names);
        return smaller with
        {
            Set = (draft, value) =>
            {
                var isSmaller = Setting.Text(value) == Auto || (smaller.Set!(draft, value) && Setting.Number(value) <= usual);
                if (isSmaller && Setting.Number(value) != usual)
                    draft.Assume("DeepSpeed's buckets are counted at their defaults, and the configuration makes them smaller.");
                return isSmaller;
            },
        };
    }

    private static bool Gradients(TrainingDraft draft, string type)
    {
        DataType? read = type switch { "fp32" => DataType.FP32, "bf16" => DataType.BF16, "fp16" => DataType.FP16, _ => null };
        if (read is not null)
            draft.DataTypes.Gradients = read;
        return read is not null;
    }

    private static bool Optimizer(TrainingDraft draft, string type)
    {
        Optimizer? read = type.ToUpperInvariant() switch
        {
            "ADAM" or "ADAMW" => Estimation.Jobs.Optimizer.AdamW,
            "LION" => Estimation.Jobs.Optimizer.Lion,
            "MUON" => Estimation.Jobs.Optimizer.Muon,
            "SGD" => Estimation.Jobs.Optimizer.SGD,
            _ => null,
        };
        if (read is not null)
            draft.Training.Optimizer = read;
        return read is not null;
    }
}
