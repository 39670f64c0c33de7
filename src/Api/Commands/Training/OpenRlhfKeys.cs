using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// The flags of OpenRLHF's supervised and preference training (OpenRLHF openrlhf/cli/train_sft.py and train_dpo.py): by the names of releases until 0.9, and
/// by those with sections in front from 2026 on.
/// </summary>
internal static class OpenRlhfKeys
{
    // --train.micro_batch_size, --data.max_len.
    private const int UsualBatch = 8, UsualLength = 2048;

    /// <summary>What all its commands take.</summary>
    public static Setting[] Shared { get; } =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--pretrain", "--model.model_name_or_path"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_len", "--data.max_len"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro_train_batch_size", "--train.micro_batch_size"),
        Setting.Whole((draft, size) => draft.Training.GlobalBatchSize = size, "--train_batch_size", "--train.batch_size"),
        Setting.Word(DeepSpeedKeys.Stage, "--zero_stage", "--ds.zero_stage"),
        Setting.Word((_, group) => group is "0" or "1", "--zpg", "--ds.zpg"),
        Setting.Switch(draft => draft.Offload.Optimizer = OffloadTarget.Host, "--adam_offload", "--ds.adam_offload"),
        Setting.Switch(draft => DeepSpeedKeys.Of(draft).IsBF16 = true, "--bf16"),
        Setting.Word(Type, "--data_type", "--param_dtype", "--ds.param_dtype"),
        Setting.Word(Gradients, "--grad_accum_dtype", "--ds.grad_accum_dtype"),
        Setting.Switch(draft => draft.Training.Recompute = Recompute.Full, "--gradient_checkpointing", "--model.gradient_checkpointing_enable"),
        Setting.Switch(draft => draft.Training.Attention = AttentionKernel.Flash, "--flash_attn"),
        Setting.Word(ModelFlags.Attention, "--attn_implementation", "--ds.attn_implementation"),
        Setting.Switch(draft => draft.Training.Padding = false, "--packing_samples", "--ds.packing_samples"),
        Setting.Switch(draft => draft.Training.Loss = LossKernel.Fused, "--use_liger_kernel", "--ds.use_liger_kernel"),
        Setting.Whole((draft, size) => draft.Layout.Context = (int)Math.Min(size, int.MaxValue), "--ring_attn_size", "--ds.ring_attn_size"),
        Setting.Whole((draft, size) => draft.Layout.Tensor = (int)Math.Min(size, int.MaxValue), "--ds_tensor_parallel_size", "--ds.tensor_parallel_size"),
        Setting.Word((draft, name) => (draft.Training.Optimizer = name switch { "adam" => Optimizer.AdamW, "muon" => Optimizer.Muon, _ => null }) is not null, "--optim"),
        Setting.Whole(ModelFlags.Adapt, "--lora_rank", "--ds.lora.rank"),
        Setting.Words(ModelFlags.Targets, "--target_modules", "--ds.lora.target_modules"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout", "--ds.lora.dropout"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.NF4 : null, "--load_in_4bit", "--ds.load_in_4bit"),
        Setting.UnlessOn("--ref_offload", "--ref.offload", "--torch_compile", "--deepcompile", "--ds.deepcompile", "--nll_loss_coef", "--model.nll_loss_coef", "--aux_loss_coef", "--model.aux_loss_coef"),
        Setting.WithoutEffect(
            FlagValues.None,
            "--save_hf_ckpt", "--ckpt.save_hf", "--disable_ds_ckpt", "--ckpt.disable_ds", "--load_checkpoint", "--ckpt.load_enable", "--use_ds_universal_ckpt", "--ds.use_universal_ckpt",
            "--full_determinism", "--train.full_determinism_enable", "--overlap_comm", "--ds.overlap_comm", "--disable_trace_cache", "--gradient_checkpointing_use_reentrant",
            "--model.gradient_checkpointing_reentrant", "--disable_fast_tokenizer", "--data.disable_fast_tokenizer", "--pretrain_mode", "--model.pretrain_mode_enable", "--multiturn",
            "--data.multiturn", "--apply_chat_template", "--data.apply_chat_template", "--ipo", "--model.ipo_enable", "--muon.nesterov", "--muon.no_nesterov", "--use_ms"),
        Setting.WithoutEffect(FlagValues.Several, "--adam_betas", "--adam.betas"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--save_path", "--ckpt.output_dir", "--save_steps", "--ckpt.save_steps", "--logging_steps", "--logger.logging_steps", "--eval_steps", "--eval.steps", "--ckpt_path", "--ckpt.path",
            "--max_ckpt_num", "--ckpt.max_num", "--max_ckpt_mem", "--ckpt.max_mem", "--seed", "--train.seed", "--local_rank", "--experts_implementation", "--ds.experts_implementation",
            "--dataloader_num_workers", "--data.dataloader_num_workers", "--max_epochs", "--train.max_epochs", "--learning_rate", "--adam.lr", "--adam.eps", "--l2", "--adam.weight_decay",
            "--muon.lr", "--muon.momentum", "--muon.ns_steps", "--lr_scheduler", "--lr_warmup_ratio", "--min_lr_ratio", "--max_norm", "--ring_head_stride", "--ds.ring_attn_head_stride",
            "--lora_alpha", "--ds.lora.alpha", "--beta", "--model.beta", "--label_smoothing", "--model.label_smoothing", "--ref_pretrain", "--ref.model_name_or_path"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--dataset", "--data.dataset", "--dataset_probs", "--data.dataset_probs", "--eval_dataset", "--eval.dataset", "--train_split", "--dataset_split", "--data.dataset_split",
            "--eval_split", "--eval.split", "--max_samples", "--data.max_samples", "--input_key", "--data.input_key", "--output_key", "--data.output_key", "--prompt_key", "--data.prompt_key",
            "--chosen_key", "--data.chosen_key", "--rejected_key", "--data.rejected_key", "--input_template", "--data.input_template", "--tokenizer_chat_template",
            "--data.tokenizer_chat_template", "--use_wandb", "--wandb_org", "--wandb_group", "--wandb_project", "--wandb_run_name", "--logger.wandb.key", "--logger.wandb.org",
            "--logger.wandb.group", "--logger.wandb.project", "--logger.wandb.run_name", "--use_tensorboard", "--logger.tensorboard_dir"),
    ];

    /// <summary>By the name of its script; null for one that trains nothing that is read here.</summary>
    public static TrainingProgram? Of(string script) => script switch
    {
        "train_sft" => Program(TrainingObjective.SFT),
        "train_dpo" => Program(TrainingObjective.DPO),
        _ => null,
    };

    private static TrainingProgram Program(TrainingObjective objective) =>
        new($"OpenRLHF {objective}", Trainer.OpenRLHF, new SettingTable(Shared), draft => Complete(draft, objective));

    private static void Complete(TrainingDraft draft, TrainingObjective objective)
    {
        draft.Training.Objective = objective == TrainingObjective.SFT ? null : objective;
        CompleteDivision(draft);
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"max_len is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.CompleteBatch(draft, UsualBatch, "micro_train_batch_size");
    }

    /// <summary>DeepSpeed, where nothing is said of it.</summary>
    public static void CompleteDivision(TrainingDraft draft)
    {
        var deepSpeed = DeepSpeedKeys.Of(draft);
        deepSpeed.Stage ??= Sharding.Gradients;
        deepSpeed.IsBF16 ??= deepSpeed.IsFP16 != true;
        draft.Training.Attention ??= AttentionKernel.Flash;
        draft.Training.Recompute ??= Recompute.None;
    }

    private static bool Type(TrainingDraft draft, string type)
    {
        (DeepSpeedKeys.Of(draft).IsBF16, DeepSpeedKeys.Of(draft).IsFP16) = (type == "bf16", type == "fp16");
        return type is "bf16" or "fp16";
    }

    private static bool Gradients(TrainingDraft draft, string type) =>
        (draft.DataTypes.Gradients = type switch { "fp32" => DataType.FP32, "bf16" => DataType.BF16, "fp16" => DataType.FP16, _ => null }) is not null;
}
