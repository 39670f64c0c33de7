using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;
using GpuMem.Estimation.Models;

namespace GpuMem.Api.Commands.Training;

/// <summary>The file of llm-foundry's train.py, with key=value over it (mosaicml/llm-foundry llmfoundry/utils/config_utils.py, TrainConfig; scripts/train/yamls).</summary>
internal static class LlmFoundryKeys
{
    private const string Name = "--name", Expansion = "--expansion_ratio", Positions = "--max_seq_len", LearnsPositions = "--learned_pos_emb", Rotary = "--rope", Alibi = "--alibi";

    private static readonly SettingTable OfAttention = new(
        Setting.Word(Attention, "--attn_impl"),
        Setting.Together(Rotary),
        Setting.Together(Alibi),
        Setting.Whole((draft, heads) => Model(draft).KeyValueHeads = Small(heads), "--kv_n_heads"),
        Setting.WithoutEffect(FlagValues.One, "--attn_uses_sequence_id", "--alibi_bias_max", "--rope_theta", "--clip_qkv", "--qk_ln", "--attn_pdrop", "--softmax_scale", "--attn_type", "--rope_impl", "--rope_dail_config", "--rope_hf_config"));

    private static readonly SettingTable OfAdapters = new(
        Setting.Whole((draft, rank) => draft.Lora.Rank = Small(rank), "--r"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.Word((_, type) => type.Equals("LORA", StringComparison.OrdinalIgnoreCase), "--peft_type"),
        Setting.WithoutEffect(FlagValues.One, "--task_type", "--lora_alpha", "--bias", "--inference_mode"));

    private static readonly SettingTable OfModel = new(
        Setting.Together(Name),
        Setting.Word((draft, name) => draft.SetModel(name), "--pretrained_model_name_or_path"),
        Setting.Mapping(OfAdapters, draft => draft.HasAdapters = true, "--peft_config"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.Flash : null, "--use_flash_attention_2"),
        Setting.Mapping(OfAttention, _ => { }, "--attn_config"),
        Setting.Mapping(new SettingTable(Setting.Mapping(OfAttention, _ => { }, "--attn_config"), Setting.WithoutEffect(FlagValues.One, "--max_seq_len", "--use_cache")), _ => { }, "--config_overrides"),
        Setting.Whole((draft, size) => Model(draft).HiddenSize = size, "--d_model"),
        Setting.Whole((draft, count) => Model(draft).Layers = Small(count), "--n_layers"),
        Setting.Whole((draft, count) => Model(draft).AttentionHeads = Small(count), "--n_heads"),
        Setting.Whole((draft, size) => Model(draft).VocabularySize = size, "--vocab_size"),
        Setting.YesOrNo((draft, on) => Model(draft).TiedEmbeddings = on, "--tie_word_embeddings"),
        Setting.YesOrNo((draft, none) => Model(draft).Bias = !none, "--no_bias"),
        Setting.Together(Expansion),
        Setting.Together(Positions),
        Setting.Together(LearnsPositions),
        Setting.WithoutEffect(
            FlagValues.One, "--pretrained", "--init_device", "--use_auth_token", "--trust_remote_code", "--load_in_8bit", "--use_train_metrics", "--additional_train_metrics", "--emb_pdrop", "--resid_pdrop",
            "--init_config", "--verbose", "--logit_scale", "--use_pad_tok_in_ffn", "--shift_labels"));

    private static readonly SettingTable OfFsdp = new(
        Setting.Word(FsdpKeys.Strategy, "--sharding_strategy"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--activation_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Offload.Activations = on, "--activation_cpu_offload"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--cpu_offload"),
        Setting.Word((_, type) => type is "PURE" or "DEFAULT", "--mixed_precision"),
        Setting.WithoutEffect(
            FlagValues.One, "--activation_checkpointing_reentrant", "--limit_all_gathers", "--state_dict_type", "--sync_module_states", "--backward_prefetch", "--forward_prefetch", "--use_orig_params",
            "--keep_low_precision_grads", "--verbose", "--min_params", "--flatten_parameters", "--load_fsdp_monolith_rank0_only", "--process_group"));

    private static readonly SettingTable OfDataset = new(
        Setting.Word((draft, ratio) => (draft.Training.Padding = false) is not null && ratio.Length > 0, "--packing_ratio"),
        Setting.WithoutEffect(FlagValues.One, "--*"));

    /// <summary>The program.</summary>
    public static TrainingProgram Program { get; } = new("llm-foundry", Trainer.Composer, new SettingTable(
        Setting.Mapping(OfModel, _ => { }, "--model"),
        Setting.Mapping(OfFsdp, draft => FsdpKeys.Of(draft).Version ??= 1, "--fsdp_config"),
        Setting.Mapping(new SettingTable(Setting.Word(Optimizer, Name), Setting.WithoutEffect(FlagValues.One, "--*")), _ => { }, "--optimizer"),
        Setting.Mapping(new SettingTable(Setting.Mapping(OfDataset, _ => { }, "--dataset"), Setting.WithoutEffect(FlagValues.One, "--*")), _ => { }, "--train_loader"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_seq_len"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--device_train_microbatch_size"),
        Setting.Whole((draft, size) => draft.Training.GlobalBatchSize = size, "--global_train_batch_size"),
        Setting.Word(Type, "--precision"),
        Setting.YesOrNo((draft, on) => draft.Training.ExpandableSegments = on, "--expandable_segments"),
        Setting.WithoutEffect(
            FlagValues.One, "--tokenizer", "--eval_loader", "--eval_loaders", "--scheduler", "--algorithms", "--max_duration", "--eval_interval", "--eval_first", "--eval_subset_num_batches",
            "--seed", "--device_eval_batch_size", "--progress_bar", "--log_to_console", "--console_log_interval", "--python_log_level", "--log_config", "--callbacks", "--loggers", "--save_interval",
            "--save_num_checkpoints_to_keep", "--save_folder", "--save_latest_filename", "--save_overwrite", "--save_weights_only", "--save_filename", "--save_ignore_keys", "--load_path",
            "--load_weights_only", "--load_strict_model_weights", "--load_ignore_keys", "--only_hf_checkpoint", "--only_composer_checkpoint", "--run_name", "--metadata", "--flatten_metadata",
            "--autoresume", "--profiler", "--variables", "--variables.*", "--dist_timeout", "--code_paths", "--cuda_load_lazy", "--max_split_size_mb", "--train_subset_num_batches",
            "--spin_dataloaders", "--accumulate_train_batch_on_tokens", "--icl_tasks", "--icl_subset_num_batches", "--icl_seq_len", "--eval_gauntlet", "--global_seed", "--data_local",
            "--data_remote", "--tokenizer_name", "--dataset")), Complete)
    { Interpolates = true };

    /// <summary>Whether the script takes such a file: Composer starts it with one, or the file has what none but this has.</summary>
    public static bool IsToldSo(IEnumerable<string> keys, string by, string script, IReadOnlyList<string> arguments)
    {
        List<string> all = [.. keys];
        return all.Contains("--train_loader") && all.Contains("--model")
            || by == "composer" && Path.GetFileName(script) == "train.py" && ProgramFile.Of(arguments) is not null;
    }

    /// <summary>Weights are fp32 where nothing is said, and amp_bf16 is the precision (config_utils.py; models/hf/hf_causal_lm.py).</summary>
    private static void Complete(TrainingDraft draft)
    {
        draft.Loaded ??= DataType.FP32;
        draft.Mixed ??= MixedPrecision.BF16;
        draft.Training.Recompute ??= Recompute.None;
        draft.Training.ExpandableSegments ??= true;
        if (draft.Training.MicroBatchSize is null)
            draft.Reading.NotUnderstood.Add("device_train_microbatch_size, which is auto where nothing is said: as much as fits, found by running out of memory");
        if (draft.Fsdp is null)
            draft.Layout.Sharding ??= Sharding.None;
        if (draft.Together.GetValueOrDefault(Name) == "mpt_causal_lm")
            CompleteMpt(draft, Model(draft));
    }

    /// <summary>MPT: no gate, one weight per element of its norms, no bias where no_bias says so, an embedding that is the output matrix, too (models/mpt/configuration_mpt.py).</summary>
    private static void CompleteMpt(TrainingDraft draft, ArchitectureSpec model)
    {
        (model.GatedFeedForward, model.Normalization) = (false, Normalization.LayerNorm);
        model.TiedEmbeddings ??= true;
        model.Bias ??= true;
        model.VocabularySize ??= 50_368;
        if (Setting.Number(draft.Together.GetValueOrDefault(Expansion, "4")) is { } ratio and <= 64 && model.HiddenSize is { } size and <= int.MaxValue)
            model.FeedForwardSize = ratio * size;
        if (IsOn(draft, LearnsPositions, usual: true) && !IsOn(draft, Rotary, usual: false) && !IsOn(draft, Alibi, usual: false))
            model.LearnedPositions = Setting.Number(draft.Together.GetValueOrDefault(Positions, "2048"));
    }

    private static bool IsOn(TrainingDraft draft, string key, bool usual) => draft.Together.GetValueOrDefault(key) is { } text ? Setting.Truth(text) == true : usual;

    private static bool Attention(TrainingDraft draft, string kernel)
    {
        draft.Training.Attention = kernel == "flash" ? AttentionKernel.Flash : null;
        return kernel is "flash";
    }

    private static bool Optimizer(TrainingDraft draft, string name)
    {
        draft.Training.Optimizer = name switch
        {
            "decoupled_adamw" or "adamw" => Estimation.Jobs.Optimizer.AdamW,
            "decoupled_lionw" => Estimation.Jobs.Optimizer.Lion,
            _ => null,
        };
        return draft.Training.Optimizer is not null;
    }

    private static bool Type(TrainingDraft draft, string precision)
    {
        draft.Mixed = precision switch { "amp_bf16" => MixedPrecision.BF16, "amp_fp16" => MixedPrecision.FP16, "fp32" => MixedPrecision.No, _ => null };
        return draft.Mixed is not null;
    }

    /// <summary>Of a model that is named by its id the sizes are known; what overrides them is a dimension of none.</summary>
    private static ArchitectureSpec Model(TrainingDraft draft) => draft.Job.Model?.Name is null ? MegatronModel.Of(draft) : new ArchitectureSpec();

    private static int Small(long number) => (int)Math.Min(number, int.MaxValue);
}
