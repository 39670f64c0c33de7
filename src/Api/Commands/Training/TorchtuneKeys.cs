using System.Text.Json.Nodes;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The keys of a torchtune recipe's configuration (torchtune, recipes/configs).</summary>
internal static class TorchtuneKeys
{
    // torchtune/models: the names of its builders, without the size, and whose checkpoints they take.
    private static readonly (string Builder, string Model)[] Models =
    [
        ("llama2_", "meta-llama/Llama-2-{0}-hf"),
        ("llama3_1_", "meta-llama/Llama-3.1-{0}"),
        ("llama3_2_", "meta-llama/Llama-3.2-{0}"),
        ("llama3_3_", "meta-llama/Llama-3.3-{0}-Instruct"),
        ("llama3_", "meta-llama/Meta-Llama-3-{0}"),
        ("qwen2_5_", "Qwen/Qwen2.5-{0}"),
        ("qwen3_", "Qwen/Qwen3-{0}"),
        ("qwen2_", "Qwen/Qwen2-{0}"),
        ("mistral_", "mistralai/Mistral-{0}-v0.1"),
    ];

    private static readonly SettingTable OfModel = new(
    [
        Setting.Word(Builder, "--_component_"),
        Setting.Words(Adapt, "--lora_attn_modules"),
        Setting.YesOrNo((draft, on) => Adapt(draft, on ? ["gate_proj", "up_proj", "down_proj"] : []), "--apply_lora_to_mlp"),
        Setting.UnlessOn("--apply_lora_to_output"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_rank"),
        Setting.YesOrNo((draft, on) => draft.Lora.Decomposed = on, "--use_dora"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.NF4 : draft.Quantized, "--quantize_base"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha"),
    ]);

    private static readonly SettingTable OfOptimizer = new(
    [
        Setting.Word(Optimizer, "--_component_"),
        Setting.YesOrNo((draft, on) => (draft.Training.OptimizerOptions ??= new TrainingJobs.OptimizerSettings()).Implementation = on ? OptimizerImplementation.Fused : null, "--fused"),
        Setting.WithoutEffect(FlagValues.One, "--lr", "--weight_decay", "--betas", "--eps"),
    ]);

    private static readonly SettingTable OfTokenizer = new(
    [
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_seq_len"),
        Setting.WithoutEffect(FlagValues.One, "--_component_", "--path", "--merges_file", "--prompt_template"),
    ]);

    private static readonly SettingTable OfDataset = new(
    [
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--packed"),
        Setting.WithoutEffect(FlagValues.One, "--_component_", "--split", "--source", "--data_files", "--column_map", "--train_on_input", "--conversation_style", "--conversation_column", "--new_system_prompt"),
    ]);

    public static TrainingProgram Program { get; } = new("torchtune", Trainer.Torchtune, new SettingTable(
    [
        Setting.Mapping(OfModel, _ => { }, "--model"),
        Setting.Mapping(OfTokenizer, _ => { }, "--tokenizer"),
        Setting.Mapping(OfDataset, _ => { }, "--dataset"),
        Setting.Mapping(OfOptimizer, _ => { }, "--optimizer"),
        Setting.Mapping(new SettingTable(Setting.Word(Loss, "--_component_"), Setting.WithoutEffect(FlagValues.One, "--num_output_chunks")), _ => { }, "--loss"),
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--batch_size"),
        Setting.Whole((draft, steps) => draft.Accumulation = steps, "--gradient_accumulation_steps"),
        Setting.YesOrNo((draft, on) => (draft.Training.OptimizerOptions ??= new TrainingJobs.OptimizerSettings()).InBackward = on, "--optimizer_in_bwd"),
        Setting.YesOrNo((draft, on) => draft.Training.Recompute = on ? Recompute.Full : Recompute.None, "--enable_activation_checkpointing"),
        Setting.YesOrNo((draft, on) => draft.Offload.Activations = on, "--enable_activation_offloading"),
        Setting.YesOrNo((draft, on) => draft.Training.FusedKernels = on, "--compile"),
        Setting.YesOrNo((draft, on) => draft.Offload.Parameters = on ? OffloadTarget.Host : null, "--fsdp_cpu_offload"),
        Setting.Whole((draft, size) => draft.Layout.Tensor = (int)Math.Min(size, int.MaxValue), "--tensor_parallel_dim"),
        Setting.Word((draft, type) => (draft.Training.Precision = type switch { "bf16" => Precision.BF16, "fp32" => Precision.FP32, _ => null }) is not null, "--dtype"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--output_dir", "--checkpointer", "--resume_from_checkpoint", "--save_adapter_weights_only", "--seed", "--shuffle", "--epochs", "--max_steps_per_epoch", "--clip_grad_norm",
            "--lr_scheduler", "--metric_logger", "--log_every_n_steps", "--log_peak_memory_stats", "--log_level", "--device", "--profiler", "--run_val_every_n_steps", "--dataset_val",
            "--batch_size_val", "--custom_sharded_layers", "--ac_mode", "--cudnn_deterministic_mode", "--enable_async_checkpointing"),
    ]), Complete) { FileFlag = "--config", CopyCommand = "tune cp", Shipped = Shipped, Interpolates = true };

    /// <summary>llama3_2/1B_lora_single_device of torchtune's own: family and size, and what is trained of them (torchtune/_recipe_registry.py).</summary>
    private static JsonObject? Shipped(string name) =>
        name.Split('/') is [var family, var rest] && rest.Split('_') is [var size, var method, ..] && method is "full" or "lora" or "qlora" && size.Length > 0 && char.IsAsciiDigit(size[0])
            ? new JsonObject { ["model"] = new JsonObject { ["_component_"] = $"torchtune.models.{family}.{(method == "full" ? "" : $"{method}_")}{family}_{size.ToLowerInvariant().Replace('.', '_')}" } }
            : null;

    private static void Complete(TrainingDraft draft)
    {
        draft.Training.MicroBatchSize ??= 1;
        if (draft.HasAdapters != true)
            draft.Training.Lora = null;
    }

    private static bool Adapt(TrainingDraft draft, IReadOnlyList<string> names)
    {
        draft.Lora.TargetModules = [.. (draft.Lora.TargetModules ?? []).Concat(names.Select(name => name == "output_proj" ? "o_proj" : name)).Distinct()];
        return true;
    }

    /// <summary>torchtune.models.llama3_1.lora_llama3_1_8b: the family, the size, and whether adapters are put on it.</summary>
    private static bool Builder(TrainingDraft draft, string component)
    {
        var name = component[(component.LastIndexOf('.') + 1)..];
        draft.HasAdapters = name.StartsWith("lora_", StringComparison.Ordinal) || name.StartsWith("qlora_", StringComparison.Ordinal);
        if (name.StartsWith("qlora_", StringComparison.Ordinal))
            draft.Quantized = QuantizationScheme.NF4;
        name = draft.HasAdapters == true ? name[(name.IndexOf('_', StringComparison.Ordinal) + 1)..] : name;
        foreach (var (builder, model) in Models)
        {
            if (!name.StartsWith(builder, StringComparison.Ordinal) || name[builder.Length..].Split('_') is not [var size, ..] || size.Length == 0 || !char.IsAsciiDigit(size[0]))
                continue;

            // 0_5b has its point as an underscore.
            var whole = name[builder.Length..].Split('_') is [var before, var after, ..] && char.IsAsciiDigit(after[0]) ? $"{before}.{after}" : size;
            return draft.SetModel(string.Format(System.Globalization.CultureInfo.InvariantCulture, model, whole.ToUpperInvariant()));
        }
        return false;
    }

    private static bool Optimizer(TrainingDraft draft, string component)
    {
        Optimizer? read = component[(component.LastIndexOf('.') + 1)..] switch
        {
            "AdamW" or "Adam" => Estimation.Jobs.Optimizer.AdamW,
            "PagedAdamW" => Estimation.Jobs.Optimizer.PagedAdamW,
            "PagedAdamW8bit" => Estimation.Jobs.Optimizer.PagedAdamW8bit,
            "AdamW8bit" or "AdamW8Bit" => Estimation.Jobs.Optimizer.AdamW8bit,
            "SGD" => Estimation.Jobs.Optimizer.SGD,
            _ => null,
        };
        draft.Training.Optimizer = read;
        return read is not null;
    }

    private static bool Loss(TrainingDraft draft, string component)
    {
        var name = component[(component.LastIndexOf('.') + 1)..];
        draft.Training.Loss = name is "CEWithChunkedOutputLoss" or "LinearCrossEntropyLoss" ? LossKernel.Chunked : null;
        return draft.Training.Loss is not null || name == "CrossEntropyLoss";
    }
}
