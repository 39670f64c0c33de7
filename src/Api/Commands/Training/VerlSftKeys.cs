using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The keys of verl's supervised training over FSDP: those of fsdp_sft_trainer (verl/trainer/config/sft_trainer.yaml), and those of sft_trainer, which took its
/// place (sft_trainer_engine.yaml with engine/fsdp.yaml and model/hf_model.yaml).
/// </summary>
internal static class VerlSftKeys
{
    // data.max_length, data.micro_batch_size_per_gpu and data.max_token_len_per_gpu.
    private const int UsualLength = 1024, UsualBatch = 4, UsualTokens = 8192;

    private const string IsDynamic = "--use_dynamic_bsz", Tokens = "--max_token_len_per_gpu";

    private static readonly Setting Ulysses =
        Setting.Whole((draft, size) => (draft.Layout.Context, draft.Layout.ContextExchange) = ((int)Math.Min(size, int.MaxValue), ContextExchange.Ulysses), "--ulysses_sequence_parallel_size");

    private static readonly Setting Strategy =
        Setting.Word((draft, strategy) => (FsdpKeys.Of(draft).Version = strategy switch { "fsdp" => 1, "fsdp2" => 2, _ => null }) is not null, "--strategy");

    private static readonly SettingTable OfData = new(
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_length"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro_batch_size_per_gpu", "--micro_batch_size"),
        Setting.Whole((draft, size) => draft.Training.GlobalBatchSize = size, "--train_batch_size"),
        Setting.Together(IsDynamic),
        Setting.Together(Tokens),
        Setting.WithoutEffect(
            FlagValues.One,
            "--train_files", "--val_files", "--train_max_samples", "--val_max_samples", "--prompt_key", "--response_key", "--prompt_dict_keys", "--response_dict_keys", "--multiturn",
            "--messages_key", "--tools_key", "--enable_thinking_key", "--pad_mode", "--truncation", "--balance_dp_token", "--chat_template", "--custom_cls", "--use_shm",
            "--apply_chat_template_kwargs", "--ignore_input_ids_mismatch", "--num_workers"));

    private static readonly SettingTable OfFsdp = new(
        Setting.Word(ModelFlags.Type, "--model_dtype"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--offload_params", "--offload_policy"),
        Setting.WithoutEffect(FlagValues.One, "--wrap_policy", "--cpu_offload"));

    private static readonly SettingTable OfModel = new(
        Setting.Word((draft, name) => draft.SetModel(name), "--partial_pretrain", "--path"),
        Setting.Mapping(OfFsdp, _ => { }, "--fsdp_config"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--enable_gradient_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Offload.Activations = on, "--enable_activation_offload"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--use_remove_padding"),
        Setting.Whole(ModelFlags.Adapt, "--lora_rank"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : null, "--use_liger"),
        Setting.UnlessOn("--use_fused_kernels"),
        Strategy,
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha", "--trust_remote_code", "--external_lib", "--use_shm", "--tokenizer_path", "--hf_config_path", "--custom_chat_template"));

    private static readonly SettingTable OfEngine = new(
        Strategy,
        Ulysses,
        Setting.Word(ModelFlags.Type, "--model_dtype"),
        Setting.Word((_, type) => type is "bfloat16" or "bf16", "--dtype"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--offload_policy"),
        Setting.YesOrNo((draft, on) => FsdpKeys.Of(draft).ReshardsAfterForward = on, "--reshard_after_forward"),
        Setting.Word((draft, size) => size == "-1" || (ProcessCounts.IsCount(size, out var ranks) && (draft.Layout.ShardGroup = ranks) > 0), "--fsdp_size"),
        Setting.UnlessOn("--param_offload", "--optimizer_offload"),
        Setting.WithoutEffect(FlagValues.One, "--wrap_policy", "--forward_prefetch", "--use_orig_params", "--seed", "--full_determinism", "--use_torch_compile"));

    private static readonly SettingTable Table = new(
        Setting.Mapping(OfData, _ => { }, "--data"),
        Setting.Mapping(OfModel, _ => { }, "--model"),
        Setting.Mapping(OfEngine, _ => { }, "--engine") with { Shipped = name => name == "fsdp" ? [] : null },
        Ulysses,
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--use_remove_padding"),
        Setting.WithoutEffect(FlagValues.One, "--optim", "--trainer", "--checkpoint", "--profiler"));

    /// <summary>By its module; null for another. torchrun says how many processes there are.</summary>
    public static TrainingProgram? Of(string module) => module switch
    {
        "verl.trainer.fsdp_sft_trainer" => new("verl SFT", Trainer.Verl, Table, draft => Complete(draft, version: 2, isDynamic: false)),
        "verl.trainer.sft_trainer" => new("verl SFT", Trainer.Verl, Table, draft => Complete(draft, version: 1, isDynamic: true)),
        _ => null,
    };

    /// <summary>Weights are fp32 under autocast to bfloat16 unless model_dtype says otherwise, and attention is flash's.</summary>
    /// <param name="draft">What was read.</param>
    /// <param name="version">Of FSDP, where nothing is said.</param>
    /// <param name="isDynamic">Sequences are packed where nothing is said.</param>
    private static void Complete(TrainingDraft draft, int version, bool isDynamic)
    {
        FsdpKeys.Of(draft).Version ??= version;
        (draft.Mixed, draft.Loaded) = (MixedPrecision.BF16, draft.Loaded ?? DataType.FP32);
        if (draft is { Loaded: DataType.BF16, HasAdapters: not true })
            draft.Training.Precision = Precision.BF16;
        draft.Training.Attention ??= AttentionKernel.Flash;
        if (Setting.Truth(draft.Together.GetValueOrDefault(IsDynamic, $"{isDynamic}")) == true)
        {
            var tokens = ProcessCounts.IsCount(draft.Together.GetValueOrDefault(Tokens, ""), out var said) ? said : UsualTokens;
            (draft.Training.SequenceLength, draft.Training.MicroBatchSize) = (tokens * (long)Math.Max(1, draft.Layout.Context?.Value ?? 1), 1);
            draft.Assume($"use_dynamic_bsz packs sequences up to max_token_len_per_gpu {tokens}, and they are estimated as one of that length.");
            return;
        }
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"data.max_length is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.CompleteBatch(draft, UsualBatch, "data.micro_batch_size_per_gpu");
    }
}
