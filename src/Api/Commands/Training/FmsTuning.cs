using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>
/// fms-hf-tuning, which fine-tunes with TRL's trainer and transformers' defaults (foundation-model-stack/fms-hf-tuning tuning/config/configs.py and
/// sft_trainer.py), started by a launcher, or by the script of its image, which takes a file that the environment names (build/accelerate_launch.py).
/// </summary>
internal static class FmsTuning
{
    /// <summary>The script that its image starts.</summary>
    public const string Launcher = "accelerate_launch.py";

    /// <summary>The environment: a file, the same in base64, and whether every GPU gets a process whatever the file says.</summary>
    private const string File = "SFT_TRAINER_CONFIG_JSON_PATH", Encoded = "SFT_TRAINER_CONFIG_JSON_ENV_VAR", AllGpus = "SET_NUM_PROCESSES_TO_NUM_GPUS";

    private const string Flash = "--use_flash_attn";

    // configs.py: DEFAULT_CONTEXT_LENGTH; PEFT's LoraConfig: r.
    private const int UsualLength = 4096, UsualRank = 8;

    private static readonly Setting[] Own =
    [
        Setting.Word(Method, "--peft_method"),
        Setting.Whole((draft, rank) => draft.Lora.Rank = (int)Math.Min(rank, int.MaxValue), "--r"),
        Setting.Words(ModelFlags.Targets, "--target_modules"),
        Setting.Words((draft, names) => (draft.Lora.ModulesToSave = [.. names]).Count > 0, "--modules_to_save"),
        Setting.Together(Flash),
        Setting.Word(ModelFlags.Attention, "--flash_attn_implementation"),
        Setting.Words((draft, way) => (draft.Training.Padding = false) is false && way is ["huggingface"], "--padding_free"),
        Setting.Mapping(AccelerateFlags.Table, _ => { }, "--accelerate_launch_args"),
        Setting.UnlessOn("--embedding_size_multiple_of", "--do_dataprocessing_only"),
        Setting.WithoutEffect(FlagValues.AtMostOne, "--lora_post_process_for_vllm", "--enable_reduce_loss_sum"),
        Setting.WithoutEffect(FlagValues.Several, "--multipack", "--trackers", "--tracker", "--add_special_tokens"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--training_data_path", "--validation_data_path", "--data_config_path", "--data_formatter_template", "--response_template", "--instruction_template", "--chat_template",
            "--dataset_conversation_field", "--dataset_text_field", "--dataset_image_field", "--num_train_dataset_shards", "--num_eval_dataset_shards", "--save_model_dir", "--bias",
            "--trainer_controller_config_file", "--aim_repo", "--experiment", "--exp_metadata"),
    ];

    private static readonly SettingTable Settings = TransformersTrainer.Program.Settings.With(Own);

    /// <summary>The program, however it is started.</summary>
    public static TrainingProgram Program { get; } = new("fms-hf-tuning", Trainer.HuggingFace, Settings, Complete);

    private static readonly TrainingProgram OfImage = new("fms-hf-tuning", Trainer.HuggingFace, Settings, draft =>
    {
        CompleteLaunch(draft);
        Complete(draft);
    });

    /// <summary>Whether a script or module is its trainer.</summary>
    public static bool Is(string script) => script == "tuning.sft_trainer" || script.EndsWith("tuning/sft_trainer.py", StringComparison.Ordinal);

    /// <summary>As its image is started, alone or by the launcher's name; null where the environment names no file.</summary>
    public static TrainingStart? Start(TrainingDraft draft, Dictionary<string, string> variables)
    {
        if (variables.ContainsKey(Encoded))
            draft.Reading.NotUnderstood.Add($"{Encoded}: put what it encodes into a file of a ConfigMap, and name it by {File}");
        else if (!variables.ContainsKey(File))
            return null;
        if (variables.TryGetValue(AllGpus, out var all) && Setting.Truth(all) != true)
            draft.Together[AllGpus] = "false";
        return new TrainingStart("accelerate", OfImage, Launcher, variables.TryGetValue(File, out var path) ? [path] : []);
    }

    /// <summary>A process for each GPU, which FSDP divides the model over unless accelerate is configured otherwise (fixtures/accelerate_fsdp_defaults.yaml).</summary>
    private static void CompleteLaunch(TrainingDraft draft)
    {
        var counts = draft.Processes;
        counts.Nodes ??= 1;
        if (!draft.Together.ContainsKey(AllGpus) || counts.InAll is null)
            (counts.InAll, counts.PerNode) = (null, Math.Max(1, draft.Gpus));
        if (!counts.IsConfigured && (counts.InAll ?? counts.PerNode) > 1)
            draft.Distribution ??= "FSDP";
        AccelerateFlags.Complete(draft, ofTrainer: true);
    }

    private static void Complete(TrainingDraft draft)
    {
        if (draft.HasAdapters == true)
            draft.Lora.Rank ??= UsualRank;
        if (draft.Together.TryGetValue(Flash, out var flash) && Setting.Truth(flash) == false)
            draft.Training.Attention = AttentionKernel.SDPA;
        draft.Training.Attention ??= AttentionKernel.Flash;
        draft.Loaded ??= DataType.BF16;
        if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"max_seq_length is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.Complete(draft);
    }

    /// <summary>pt learns vectors in front of the text, of which the estimate knows nothing.</summary>
    private static bool Method(TrainingDraft draft, string method)
    {
        draft.HasAdapters = method == "lora";
        return method is "lora" or "None" or "none";
    }
}
