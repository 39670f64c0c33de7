using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The flags of LitGPT's fine-tuning, which are the keys of its file, too (Lightning-AI/litgpt litgpt/finetune: full.py and lora.py, litgpt/args.py).</summary>
internal static class LitGptKeys
{
    /// <summary>Where litgpt download puts a model, by its name (litgpt/scripts/download.py).</summary>
    private const string Downloads = "checkpoints/";

    private static readonly Setting[] OfTrain =
    [
        Setting.Whole((draft, size) => draft.Training.MicroBatchSize = size, "--micro_batch_size"),
        Setting.Whole((draft, size) => draft.Training.GlobalBatchSize = size, "--global_batch_size"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_seq_length"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--save_interval", "--log_interval", "--lr_warmup_steps", "--lr_warmup_fraction", "--epochs", "--max_tokens", "--max_steps", "--max_time", "--max_norm", "--min_lr",
            "--learning_rate", "--weight_decay", "--beta1", "--beta2"),
    ];

    private static readonly Setting[] Shared =
    [
        Setting.Word((draft, name) => draft.SetModel(name.StartsWith(Downloads, StringComparison.Ordinal) ? name[Downloads.Length..] : name), "--checkpoint_dir"),
        Setting.Word(Type, "--precision"),
        Setting.Word((draft, count) => draft.Processes.SetPerNode(count), "--devices"),
        Setting.Word((draft, nodes) => draft.Processes.SetNodes(nodes), "--num_nodes"),
        Setting.Mapping(new SettingTable(OfTrain), _ => { }, "--train"),
        .. OfTrain.Select(setting => setting with { Names = [.. setting.Names.Select(name => $"--train.{name[2..]}")] }),
        Setting.WithoutEffect(
            FlagValues.One,
            "--out_dir", "--resume", "--data", "--data.*", "--eval", "--eval.*", "--log", "--log.*", "--logger_name", "--seed", "--access_token", "--generate_sample"),
        Setting.Word((draft, name) => name.Split('.')[^1] == "AdamW", "--optimizer"),
        Setting.WithoutEffect(FlagValues.One, "--optimizer.*"),
    ];

    private static readonly Setting[] OfAdapters =
    [
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--lora_r"),
        Setting.Dropout((draft, drops) => draft.Lora.Dropout = drops, "--lora_dropout"),
        .. new[] { "--lora_query", "--lora_key", "--lora_value", "--lora_projection", "--lora_mlp", "--lora_head" }.Select(Setting.Together),
        Setting.Word(Quantize, "--quantize"),
        Setting.WithoutEffect(FlagValues.One, "--lora_alpha"),
    ];

    /// <summary>By its command; null for one that is not read here.</summary>
    public static TrainingProgram? Of(string command) => command switch
    {
        "finetune_full" => new("LitGPT", Trainer.LitGPT, new SettingTable(Shared), Complete) { FileFlag = "--config" },
        "finetune" or "finetune_lora" => new("LitGPT", Trainer.LitGPT, new SettingTable([.. Shared, .. OfAdapters]), CompleteAdapters) { FileFlag = "--config" },
        _ => null,
    };

    /// <summary>On one GPU nothing is divided and nothing computed again; on more FSDP checkpoints every block.</summary>
    private static void Complete(TrainingDraft draft)
    {
        draft.Processes.Nodes ??= 1;
        if (draft.Processes is { PerNode: null, PerNodeIsGpus: false })
            draft.Processes.PerNode = 1;
        draft.Training.Recompute ??= draft.Processes is { PerNode: 1, Nodes: 1 } ? Recompute.None : Recompute.Full;
        draft.Training.Precision ??= Precision.BF16;
        TransformersTrainer.CompleteBatch(draft, 1, "train.micro_batch_size");
    }

    private static void CompleteAdapters(TrainingDraft draft)
    {
        draft.HasAdapters = true;
        draft.Lora.Dropout ??= true;
        draft.Lora.TargetModules =
        [
            .. Adapted(draft, "--lora_query", usual: true, "q_proj"), .. Adapted(draft, "--lora_key", usual: false, "k_proj"), .. Adapted(draft, "--lora_value", usual: true, "v_proj"),
            .. Adapted(draft, "--lora_projection", usual: false, "o_proj"), .. Adapted(draft, "--lora_mlp", usual: false, "gate_proj", "up_proj", "down_proj"),
            .. Adapted(draft, "--lora_head", usual: false, "lm_head"),
        ];
        Complete(draft);
    }

    private static string[] Adapted(TrainingDraft draft, string key, bool usual, params string[] modules) =>
        (draft.Together.GetValueOrDefault(key) is { } text ? Setting.Truth(text) == true : usual) ? modules : [];

    private static bool Type(TrainingDraft draft, string precision) => (draft.Training.Precision = precision switch
    {
        "bf16-true" => Precision.BF16,
        "bf16-mixed" => Precision.BF16Mixed,
        "16-true" => Precision.FP16,
        "16-mixed" => Precision.FP16Mixed,
        "32-true" => Precision.FP32,
        _ => null,
    }) is not null;

    private static bool Quantize(TrainingDraft draft, string scheme)
    {
        draft.Quantized = scheme.Split('-')[0] switch { "bnb.nf4" => QuantizationScheme.NF4, "bnb.fp4" => QuantizationScheme.FP4, "bnb.int8" => QuantizationScheme.INT8, _ => null };
        draft.DoubleQuantized = scheme.EndsWith("-dq", StringComparison.Ordinal);
        return draft.Quantized is not null;
    }
}
