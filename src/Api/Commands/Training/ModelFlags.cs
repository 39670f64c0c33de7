using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>How scripts around transformers are told of the model and of adapters (trl/trainer/model_config.py; transformers/examples/pytorch; peft/examples/sft/train.py).</summary>
internal static class ModelFlags
{
    /// <summary>The model itself.</summary>
    public static Setting[] OfModel { get; } =
    [
        Setting.Word((draft, name) => draft.SetModel(name), "--model_name_or_path", "--model_name", "--model_id"),
        Setting.Word(Type, "--torch_dtype", "--dtype"),
        Setting.Word(Attention, "--attn_implementation"),
        Setting.YesOrNo((draft, on) => draft.Training.Attention = on ? AttentionKernel.Flash : null, "--use_flash_attn", "--use_flash_attention_2"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--trust_remote_code", "--low_cpu_mem_usage", "--use_fast_tokenizer", "--use_auth_token"),
        Setting.WithoutEffect(FlagValues.One, "--model_revision", "--tokenizer_name", "--tokenizer_name_or_path", "--cache_dir", "--token"),
    ];

    /// <summary>Adapters and the quantisation below them.</summary>
    public static Setting[] OfAdapters { get; } =
    [
        Setting.YesOrNo((draft, on) => draft.HasAdapters = on, "--use_peft", "--use_lora", "--use_peft_lora"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_r", "--lora_rank"),
        Setting.Words(Targets, "--lora_target_modules"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names]).Count > 0, "--lora_modules_to_save"),
        Setting.YesOrNo((draft, on) => draft.Lora.Decomposed = on, "--use_dora"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.NF4 : draft.Quantized, "--load_in_4bit", "--use_4bit_quantization"),
        Setting.YesOrNo((draft, on) => draft.Quantized = on ? QuantizationScheme.INT8 : draft.Quantized, "--load_in_8bit", "--use_8bit_quantization"),
        Setting.Word((draft, type) => type == "nf4" || (type == "fp4" && (draft.Quantized = QuantizationScheme.FP4) is not null), "--bnb_4bit_quant_type"),
        Setting.YesOrNo((draft, on) => draft.DoubleQuantized = on, "--use_bnb_nested_quant", "--use_nested_quant", "--bnb_4bit_use_double_quant"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha", "--lora_task_type", "--bnb_4bit_quant_storage", "--bnb_4bit_compute_dtype"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--use_rslora"),
    ];

    /// <summary>The rank of adapters, of which 0 makes none.</summary>
    public static void Adapt(TrainingDraft draft, long rank)
    {
        draft.HasAdapters = rank > 0;
        draft.Lora.Rank = rank > 0 ? (int)Math.Min(rank, int.MaxValue) : null;
    }

    /// <summary>auto is the type of the checkpoint, which is BF16 today.</summary>
    public static bool Type(TrainingDraft draft, string type)
    {
        DataType? read = type switch
        {
            "auto" or "bfloat16" or "bf16" => DataType.BF16,
            "float16" or "fp16" or "half" => DataType.FP16,
            "float32" or "fp32" or "float" => DataType.FP32,
            _ => null,
        };
        draft.Loaded = read ?? draft.Loaded;
        return read is not null;
    }

    public static bool Attention(TrainingDraft draft, string implementation)
    {
        AttentionKernel? kernel = implementation switch
        {
            "eager" or "disabled" => AttentionKernel.Eager,
            "sdpa" => AttentionKernel.SDPA,
            "flash_attention_2" or "flash_attention_3" or "fa2" or "fa3" => AttentionKernel.Flash,
            _ when implementation.StartsWith("kernels-community/", StringComparison.Ordinal) && implementation.Contains("flash-attn", StringComparison.Ordinal) => AttentionKernel.Flash,
            _ => null,
        };
        draft.Training.Attention = kernel ?? draft.Training.Attention;
        return kernel is not null;
    }

    /// <summary>All linear layers is what adapters are put on where no layer is named; layers that are not known are said.</summary>
    public static bool Targets(TrainingDraft draft, IReadOnlyList<string> names)
    {
        if (names is [] or ["all-linear" or "all" or "all_linear"])
        {
            draft.Lora.TargetModules = null;
            return true;
        }
        var found = names.ToLookup(name => AdaptedLayers.Of(name).Count > 0);
        draft.Lora.TargetModules = found.Contains(true) ? [.. found[true].SelectMany(AdaptedLayers.Of).Distinct(StringComparer.Ordinal)] : null;
        draft.Reading.NotUnderstood.AddRange(found.Contains(true) ? found[false].Select(name => $"adapters on {name}") : []);
        return found.Contains(true);
    }
}
