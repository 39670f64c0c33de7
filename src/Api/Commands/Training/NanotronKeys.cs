using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Commands.Training;

/// <summary>The file that nanotron's run_train.py takes (huggingface/nanotron src/nanotron/config: config.py, models_config.py and parallelism_config.py).</summary>
internal static class NanotronKeys
{
    private const string SharedWidth = "--shared_expert_intermediate_size", Shares = "--enable_shared_expert";

    private static readonly SettingTable OfExperts = new(
        Setting.Whole((draft, count) => Experts(draft).Count = Small(count), "--num_experts"),
        Setting.Whole((draft, count) => Experts(draft).ActivePerToken = Small(count), "--top_k"),
        Setting.Whole((draft, size) => Experts(draft).Size = size, "--moe_intermediate_size"),
        Setting.Together(SharedWidth),
        Setting.Together(Shares),
        Setting.Word((draft, type) => (draft.Layout.ExpertDispatch = type switch { "alltoall" => ExpertDispatch.AllToAll, "allgather" => ExpertDispatch.AllGather, _ => null }) is not null, "--token_dispatcher_type"),
        new Setting(["--layers"], FlagValues.One, (_, layers) => layers.ToJsonString() == "[-1]"),
        Setting.WithoutEffect(FlagValues.One, "--router_aux_loss_coef"));

    private static readonly SettingTable OfModel = new(
        Setting.Whole((draft, size) => Model(draft).HiddenSize = size, "--hidden_size"),
        Setting.Whole((draft, count) => Model(draft).Layers = Small(count), "--num_hidden_layers"),
        Setting.Whole((draft, count) => Model(draft).AttentionHeads = Small(count), "--num_attention_heads"),
        Setting.Whole((draft, count) => Model(draft).KeyValueHeads = Small(count), "--num_key_value_heads"),
        Setting.Whole((draft, size) => Model(draft).FeedForwardSize = size, "--intermediate_size"),
        Setting.Whole((draft, size) => Model(draft).VocabularySize = size, "--vocab_size"),
        Setting.YesOrNo((draft, on) => Model(draft).TiedEmbeddings = on, "--tie_word_embeddings"),
        Setting.Mapping(OfExperts, draft => Experts(draft), "--moe_config"),
        Setting.Word(ModelFlags.Attention, "--_attn_implementation"),
        Setting.Word((_, function) => function == "silu", "--hidden_act"),
        Setting.UnlessOn("--is_starcoder2_config", "--attention_bias"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--bos_token_id", "--eos_token_id", "--pad_token_id", "--initializer_range", "--is_llama_config", "--is_qwen2_config", "--max_position_embeddings", "--pretraining_tp", "--rms_norm_eps",
            "--rope_scaling", "--rope_theta", "--rope_interleaved", "--use_cache", "--z_loss_enabled", "--z_loss_coefficient", "--sliding_window_size", "--_fused_rotary_emb", "--_fused_rms_norm",
            "--_use_qkv_packed", "--_use_doc_masking", "--no_rope_layer", "--log_attn_probs", "--rope_seq_len_interpolation_factor", "--flex_attention_mask", "--ring_attn_heads_k_stride"));

    private static readonly SettingTable OfParallelism = new(
        Setting.Whole((draft, size) => draft.Layout.Tensor = Small(size), "--tp"),
        Setting.Whole((draft, size) => draft.Layout.Pipeline = Small(size), "--pp"),
        Setting.Whole((draft, size) => draft.Layout.Context = Small(size), "--context_parallel_size"),
        Setting.Whole((draft, size) => draft.Layout.Expert = Small(size), "--expert_parallel_size"),
        Setting.Word((draft, mode) => (draft.Layout.SequenceParallel = mode.Equals("REDUCE_SCATTER", StringComparison.OrdinalIgnoreCase)) is true || mode.Equals("ALL_REDUCE", StringComparison.OrdinalIgnoreCase), "--tp_mode"),
        Setting.Word((draft, engine) => (draft.Layout.Schedule = engine switch { "1f1b" => PipelineSchedule.OneForwardOneBackward, "afab" => PipelineSchedule.GPipe, _ => null }) is not null, "--pp_engine"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--recompute_layer"),

        // The rest of the processes.
        Setting.WithoutEffect(FlagValues.One, "--dp", "--tp_linear_async_communication", "--tp_recompute_allgather", "--moe_layer_recompute"));

    private static readonly SettingTable OfOptimizer = new(
        Setting.Word((draft, stage) => (draft.Layout.Sharding = stage switch { "0" => Sharding.None, "1" => Sharding.Optimizer, _ => null }) is not null, "--zero_stage"),
        Setting.YesOrNo((draft, on) => draft.DataTypes.Gradients = on ? DataType.FP32 : DataType.BF16, "--accumulate_grad_in_fp32"),
        Setting.Mapping(
            new SettingTable(
                Setting.Word((draft, name) => (draft.Training.Optimizer = name switch { "adamW" => Optimizer.AdamW, "sgd" => Optimizer.SGD, _ => null }) is not null, "--name"),
                Setting.YesOrNo((draft, on) => (draft.Training.OptimizerOptions ??= new OptimizerSettings()).Implementation = on ? OptimizerImplementation.Fused : null, "--torch_adam_is_fused"),
                Setting.WithoutEffect(FlagValues.One, "--adam_beta1", "--adam_beta2", "--adam_eps")),
            _ => { },
            "--optimizer_factory"),
        Setting.WithoutEffect(FlagValues.One, "--clip_grad", "--weight_decay", "--weight_decay_exclude_named_params", "--learning_rate_scheduler"));

    /// <summary>The program.</summary>
    public static TrainingProgram Program { get; } = new("nanotron", Trainer.Nanotron, new SettingTable(
        Setting.Mapping(
            new SettingTable(
                Setting.Mapping(OfModel, _ => { }, "--model_config"),
                Setting.Word((draft, type) => (draft.Mixed = type == "bfloat16" ? MixedPrecision.BF16 : null) is not null, "--dtype"),
                Setting.WithoutEffect(FlagValues.One, "--make_vocab_size_divisible_by", "--init_method", "--ddp_bucket_cap_mb")),
            _ => { },
            "--model"),
        Setting.Mapping(OfParallelism, _ => { }, "--parallelism"),
        Setting.Mapping(OfOptimizer, _ => { }, "--optimizer"),
        Setting.Mapping(
            new SettingTable(
                Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro_batch_size"),
                Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--sequence_length"),
                Setting.Whole((draft, steps) => draft.Accumulation = steps, "--batch_accumulation_per_replica"),
                Setting.WithoutEffect(FlagValues.One, "--limit_test_batches", "--limit_val_batches", "--train_steps", "--val_check_interval")),
            _ => { },
            "--tokens"),
        Setting.WithoutEffect(FlagValues.One, "--checkpoints", "--data_stages", "--general", "--lighteval", "--logging", "--profiler", "--tokenizer", "--s3_upload", "--metrics_logging")), Complete)
    { FileFlag = "--config-file" };

    /// <summary>Whether a script takes such a file.</summary>
    public static bool IsToldSo(string script, IEnumerable<string> flags) => Path.GetFileName(script) is "run_train.py" or "run_train_moe.py" && flags.Any(flag => flag.Split('=')[0] == "--config-file");

    private static void Complete(TrainingDraft draft)
    {
        var model = Model(draft);
        (model.GatedFeedForward, model.Normalization, model.Bias) = (true, Normalization.RMSNorm, false);
        model.TiedEmbeddings ??= false;
        draft.Training.Attention ??= AttentionKernel.Flash;
        draft.Training.Recompute ??= Recompute.None;
        draft.Layout.Schedule ??= PipelineSchedule.GPipe;
        draft.Mixed ??= MixedPrecision.BF16;
        if (model.Experts is { } experts && draft.Together.TryGetValue(Shares, out var shares) && Setting.Truth(shares) == true && draft.Together.GetValueOrDefault(SharedWidth) is { } width)
            experts.SharedSize = Setting.Number(width);
    }

    private static ArchitectureSpec Model(TrainingDraft draft) => MegatronModel.Of(draft);

    private static ExpertSpec Experts(TrainingDraft draft) => Model(draft).Experts ??= new ExpertSpec();

    private static int Small(long number) => (int)Math.Min(number, int.MaxValue);
}
