using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The arguments of LLaMA-Factory, as flags or in a file (llamafactory/hparams).</summary>
internal static class LlamaFactoryKeys
{
    /// <summary>hparams/data_args.py.</summary>
    private const int UsualLength = 2048;

    /// <summary>hparams/finetuning_args.py.</summary>
    private const int UsualRank = 8;

    private static readonly Setting[] Own =
    [
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--cutoff_len"),
        Setting.Word(Type, "--finetuning_type"),
        Setting.Word(Stage, "--stage"),
        Setting.Word(Preference, "--pref_loss"),
        Setting.Words(ModelFlags.Targets, "--lora_target"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names]).Count > 0, "--additional_target"),
        Setting.Word((draft, bits) => (draft.Quantized = bits switch { "4" => QuantizationScheme.NF4, "8" => QuantizationScheme.INT8, _ => null }) is not null, "--quantization_bit"),
        Setting.Word((draft, type) => type == "nf4" || (type == "fp4" && (draft.Quantized = QuantizationScheme.FP4) is not null), "--quantization_type"),
        Setting.Word((_, method) => method is "bnb" or "bitsandbytes", "--quantization_method"),
        Setting.YesOrNo((draft, on) => draft.DoubleQuantized = on, "--double_quantization"),
        Setting.Word((draft, kernel) => kernel == "auto" || ModelFlags.Attention(draft, kernel), "--flash_attn"),
        Setting.YesOrNo((draft, on) => draft.Training.Loss = on ? LossKernel.Fused : null, "--enable_liger_kernel"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.None : null, "--disable_gradient_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.IsPure = on, "--pure_bf16"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--packing", "--neat_packing"),
        Setting.YesOrNo((draft, on) => draft.Training.Optimizer = on ? Optimizer.AdamMini : draft.Training.Optimizer, "--use_adam_mini"),
        Setting.YesOrNo((draft, on) => draft.Training.Optimizer = on ? Optimizer.Muon : draft.Training.Optimizer, "--use_muon"),
        Setting.YesOrNo((draft, on) => draft.Training.Optimizer = on ? Optimizer.GaLore : draft.Training.Optimizer, "--use_galore"),
        Setting.Whole((draft, rank) => (draft.Training.OptimizerOptions ??= new TrainingJobs.OptimizerSettings()).ProjectionRank = (int)Math.Min(rank, int.MaxValue), "--galore_rank"),
        Setting.UnlessOn(
            "--use_unsloth", "--use_unsloth_gc", "--use_badam", "--use_apollo", "--use_llama_pro", "--use_kt", "--use_mca", "--use_megatron_bridge", "--use_hyper_parallel", "--shift_attn",
            "--upcast_layernorm", "--upcast_lmhead_output", "--resize_vocab", "--galore_layerwise", "--mixture_of_depths"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--plot_loss", "--mask_history", "--train_on_prompt", "--streaming", "--overwrite_cache", "--use_swanlab", "--compute_accuracy", "--predict_with_generate", "--create_new_adapter",
            "--train_from_scratch", "--print_param_status", "--enable_thinking", "--include_effective_tokens_per_second", "--use_reentrant_gc", "--freeze_vision_tower",
            "--freeze_multi_modal_projector", "--split_special_tokens", "--eval_on_each_dataset", "--disable_shuffling"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--template", "--dataset", "--eval_dataset", "--dataset_dir", "--media_dir", "--max_samples", "--val_size", "--preprocessing_num_workers", "--preprocessing_batch_size",
            "--buffer_size", "--mix_strategy", "--interleave_probs", "--tool_format", "--default_system", "--tokenized_path", "--rope_scaling", "--adapter_name_or_path", "--adapter_folder",
            "--loraplus_lr_ratio", "--pref_beta", "--pref_ftx", "--dpo_label_smoothing", "--kto_chosen_weight", "--kto_rejected_weight", "--simpo_gamma", "--ref_model", "--galore_target",
            "--galore_update_interval", "--galore_scale", "--early_stopping_steps", "--swanlab_project", "--swanlab_run_name", "--hf_hub_token", "--ms_hub_token", "--image_max_pixels",
            "--image_min_pixels", "--video_max_pixels", "--ignore_pad_token_for_loss", "--infer_backend"),
    ];

    public static TrainingProgram Program { get; } =
        new("LLaMA-Factory", Trainer.LLaMAFactory, new SettingTable([.. ModelFlags.OfModel, .. ModelFlags.OfAdapters, .. TransformersTrainer.Arguments, .. Own]), Complete);

    /// <summary>Words that nobody else's scripts are told.</summary>
    public static bool IsToldSo(IEnumerable<string> names) => names.Any(name => Argument.NameOf(name) is "--finetuning-type" or "--cutoff-len" or "--template");

    private static void Complete(TrainingDraft draft)
    {
        draft.HasAdapters ??= true;
        if (draft.HasAdapters == true)
            draft.Lora.Rank ??= UsualRank;
        draft.DoubleQuantized ??= true;
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"cutoff_len is not given, and is {UsualLength} then.");
        }

        // model/adapter.py (init_adapter): what is trained becomes fp32, unless pure_bf16 keeps all in the type of the checkpoint, without autocast.
        draft.Loaded ??= draft.IsPure || draft.HasAdapters == true ? DataType.BF16 : DataType.FP32;
        draft.Mixed = draft.IsPure ? MixedPrecision.No : draft.Mixed;
        TransformersTrainer.Complete(draft);
    }

    private static bool Type(TrainingDraft draft, string type)
    {
        draft.HasAdapters = type == "lora";
        return type is "lora" or "full";
    }

    private static bool Stage(TrainingDraft draft, string stage)
    {
        draft.Training.Objective = stage switch { "dpo" => draft.Training.Objective ?? TrainingObjective.DPO, "kto" => TrainingObjective.KTO, _ => draft.Training.Objective };
        return stage is "pt" or "sft" or "dpo" or "kto";
    }

    /// <summary>orpo and simpo have no reference model (train/dpo/workflow.py).</summary>
    private static bool Preference(TrainingDraft draft, string loss)
    {
        if (loss == "orpo")
            draft.Training.Objective = TrainingObjective.ORPO;
        if (loss == "simpo")
            draft.Training.ReferenceModel = false;
        return loss is "sigmoid" or "hinge" or "ipo" or "kto_pair" or "orpo" or "simpo";
    }
}
