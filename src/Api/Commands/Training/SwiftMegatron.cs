using GpuMem.Catalogues.Models;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The megatron command of ms-swift, which trains a model of Hugging Face's with Megatron Core (swift/megatron/arguments): Megatron-LM's arguments beside
/// ms-swift's own, with a word behind each switch.
/// </summary>
internal static class SwiftMegatron
{
    private const string Fusion = "--cross_entropy_loss_fusion";

    /// <summary>MegatronTunerMixin.lora_rank.</summary>
    private const int UsualRank = 8;

    private static readonly Setting[] Own =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model"),
        Setting.Word(ModelFlags.Type, "--torch_dtype"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = Math.Max(draft.Training.SequenceLength ?? 0, tokens), "--max_length", "--packing_length"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : draft.Training.Padding, "--packing", "--padding_free"),
        Setting.Word((draft, type) => (draft.HasAdapters = type == "lora") is true || type == "full", "--tuner_type", "--train_type"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_rank"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names.Select(name => name switch { "word_embeddings" => "embed_tokens", "output_layer" => "lm_head", _ => name })]).Count > 0, "--modules_to_save"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.Word((draft, granularity) => (draft.Training.Recompute = granularity switch { "full" => Recompute.Full, "selective" => Recompute.Selective, "none" => Recompute.None, _ => null }) is not null, "--recompute_granularity"),
        Setting.YesOrNo((draft, on) => (draft.Together[Fusion], draft.Megatron.FusesLoss) = ("", on), Fusion),
        Setting.YesOrNo((draft, on) => draft.Layout.Sharding = on ? Sharding.Optimizer : Sharding.None, "--use_distributed_optimizer"),
        Setting.Word((draft, type) => (draft.Training.Objective = type switch { "dpo" => TrainingObjective.DPO, "kto" => TrainingObjective.KTO, _ => null }) is not null, SwiftRun.Type),
        Setting.UnlessOn("--freeze_llm", "--freeze_parameters_ratio", "--use_ray", "--fp4_format", "--reference_free"),
        Setting.Word((_, task) => task == "causal_lm", "--task_type"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--save_safetensors", "--load_from_cache_file", "--merge_lora", "--strict", "--use_hf", "--streaming", "--lazy_tokenize", "--freeze_vit", "--freeze_aligner", "--check_model", "--use_rslora",
            "--masked_softmax_fusion", "--bias_dropout_fusion", "--bias_activation_fusion", "--apply_rope_fusion", "--attention_softmax_in_fp32", "--perform_initialization", "--group_by_length",
            "--use_cpu_initialization", "--overlap_p2p_comm", "--align_param_gather", "--add_version", "--vit_gradient_checkpointing", "--train_dataloader_shuffle", "--dataset_shuffle"),
        Setting.WithoutEffect(FlagValues.Several, "--dataset", "--val_dataset", "--cached_dataset", "--cached_val_dataset", "--model_name", "--model_author", "--report_to", "--loss_type", "--columns", "--callbacks"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--output_dir", "--num_train_epochs", "--max_epochs", "--save_steps", "--eval_steps", "--logging_steps", "--split_dataset_ratio", "--dataset_num_proc", "--dataloader_num_workers", "--system",
            "--template", "--loss_scale", "--lora_alpha", "--lora_bias", "--adapters", "--mcore_model", "--mcore_adapter", "--model_type", "--max_pixels", "--beta", "--rpo_alpha", "--desirable_weight",
            "--undesirable_weight", "--label_smoothing", "--save_strategy", "--save_total_limit", "--truncation_strategy", "--agent_template", "--packing_num_proc", "--ddp_timeout", "--enable_thinking",
            "--attn_impl", "--dataloader_prefetch_factor", "--vit_lr", "--aligner_lr", "--add_non_thinking_prefix", "--experts_impl", "--model_kwargs",
            "--remove_unused_columns"),
    ];

    private static readonly SettingTable Settings = MegatronFlags.Program.Settings.WithWords().With(Own);

    /// <summary>By a command of megatron, or a module of swift.cli._megatron; null for one that trains nothing that is known here.</summary>
    public static TrainingProgram? Of(string command) => command switch
    {
        "sft" or "pt" => new($"ms-swift megatron {command}", Trainer.Megatron, Settings, draft => Complete(draft, comparesAnswers: false)),
        "rlhf" => new($"ms-swift megatron {command}", Trainer.Megatron, Settings, draft => Complete(draft, comparesAnswers: true)),
        _ => null,
    };

    private static void Complete(TrainingDraft draft, bool comparesAnswers)
    {
        // Megatron-LM itself has neither adapters nor preferences; the bridge from Hugging Face's models to its modules has.
        if (draft.HasAdapters == true || comparesAnswers)
            draft.Training.Trainer = Trainer.MegatronBridge;
        if (comparesAnswers)
            draft.Training.Objective ??= TrainingObjective.DPO;
        if (draft.HasAdapters == true)
            draft.Lora.Rank ??= UsualRank;

        // torch_dtype is that of the products; Megatron Core has a copy in fp32 of whatever it trains.
        draft.Mixed ??= draft.Loaded == DataType.FP16 ? MixedPrecision.FP16 : MixedPrecision.BF16;
        draft.Loaded = null;
        draft.Layout.Sharding ??= Sharding.Optimizer;
        draft.Layout.ExpertDispatch ??= ExpertDispatch.AllToAll;
        if (!draft.Together.ContainsKey(Fusion))
            draft.Megatron.FusesLoss = true;
        draft.Training.Recompute ??= Recompute.Selective;
        var layers = draft.Job.Model?.Name is { } name && ModelCatalogue.TryFind(name, out var model, out _) ? model.Layers : (int?)null;
        MegatronModel.CompleteStep(draft, layers);
    }
}
