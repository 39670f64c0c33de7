using System.Text.Json.Nodes;
using GpuMem.Api.TrainingJobs;
using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>The commands of TRL, which start accelerate with a script of the same name (trl/cli/commands/training.py, trl/scripts).</summary>
internal static class TrlTrainer
{
    /// <summary>TRL's max_length (trl/trainer/sft_config.py, dpo_config.py, kto_config.py).</summary>
    private const int UsualLength = 1024;

    /// <summary>max_completion_length (trl/trainer/grpo_config.py, rloo_config.py).</summary>
    private const int UsualCompletion = 512;

    private const int Percent = 100;

    private static readonly Setting[] Own =
    [

        // max_seq_length until TRL 0.20.
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--max_length", "--max_seq_length"),
        Setting.Word((draft, loss) => (draft.Training.Loss = loss == "chunked_nll" ? LossKernel.Chunked : loss is "nll" or "dft" ? LossKernel.Full : null) is not null, "--loss_type"),
        Setting.YesOrNo((draft, on) => draft.Offload.Activations = on, "--activation_offloading"),
        Setting.YesOrNo((draft, on) => draft.Training.ReferenceModel = on ? false : null, "--precompute_ref_log_probs"),
        Setting.YesOrNo((draft, on) => draft.Training.Padding = on ? false : null, "--packing", "--padding_free"),
        Setting.Word(Configuration, "--accelerate_config"),
        Setting.WithoutEffect(
            FlagValues.AtMostOne,
            "--shuffle_dataset", "--eval_packing", "--completion_only_loss", "--assistant_only_loss", "--disable_dropout", "--use_weighting", "--dataset_streaming", "--ignore_bias_buffers",
            "--log_completions", "--log_unique_prompts", "--mask_truncated_completions", "--ds3_gather_for_generation"),
        Setting.WithoutEffect(
            FlagValues.One,
            "--dataset_name", "--dataset_config", "--dataset_train_split", "--dataset_test_split", "--datasets", "--dataset_text_field", "--dataset_num_proc", "--dataset_kwargs",
            "--eos_token", "--pad_token", "--chat_template_path", "--truncation_mode", "--packing_strategy", "--pad_to_multiple_of", "--router_aux_loss_coef",
            "--label_smoothing", "--loss_weights", "--temperature", "--top_p", "--top_k", "--min_p", "--repetition_penalty", "--epsilon", "--epsilon_high", "--num_iterations",
            "--reward_weights", "--reward_funcs", "--reward_model_name_or_path", "--scale_rewards", "--steps_per_generation", "--generation_batch_size", "--env"),
    ];

    /// <summary>How completions are generated, which others take from it.</summary>
    public static Setting[] OfRollout { get; } =
    [
        Setting.Whole((draft, tokens) => Rollout(draft).CompletionLength = tokens, "--max_completion_length"),
        Setting.Whole((draft, count) => Rollout(draft).GroupSize = (int)Math.Min(count, int.MaxValue), "--num_generations"),
        Setting.YesOrNo((draft, on) => draft.UsesVllm = on, "--use_vllm"),
        Setting.Word((draft, mode) => (draft.VllmIsSeparate = mode == "server") || mode == "colocate", "--vllm_mode"),
        Setting.Word(Utilization, "--vllm_gpu_memory_utilization"),
        Setting.Whole((draft, size) => Rollout(draft).EngineTensor = (int)Math.Min(size, int.MaxValue), "--vllm_tensor_parallel_size"),
        Setting.YesOrNo((draft, on) => Rollout(draft).EngineSleeps = on ? true : null, "--vllm_enable_sleep_mode"),
        Setting.Whole((draft, tokens) => draft.Training.SequenceLength = tokens, "--vllm_max_model_length"),
        Setting.Word((draft, beta) => (draft.Training.ReferenceModel = beta is not ("0" or "0.0")) is not null, "--beta"),
        Setting.WithoutEffect(FlagValues.One, "--loss_type", "--vllm_server_host", "--vllm_server_port", "--vllm_server_base_url", "--vllm_server_timeout", "--vllm_group_port", "--vllm_model_impl"),
    ];

    /// <summary>Of a command or a script of TRL; null for one that trains nothing that is known here.</summary>
    public static TrainingProgram? Of(string command) => command switch
    {
        "sft" => Program(TrainingObjective.SFT),
        "dpo" => Program(TrainingObjective.DPO, Setting.WithoutEffect(FlagValues.Several, "--loss_type", "--beta")),
        "kto" => Program(TrainingObjective.KTO, Setting.WithoutEffect(FlagValues.One, "--loss_type", "--beta", "--desirable_weight", "--undesirable_weight")),
        "grpo" => Program(TrainingObjective.GRPO, OfRollout),
        "rloo" => Program(TrainingObjective.RLOO, OfRollout),
        _ => null,
    };

    /// <summary>What is said of how completions are generated.</summary>
    public static RolloutSettings Rollout(TrainingDraft draft) => draft.Training.Rollout ??= new RolloutSettings();

    private static TrainingProgram Program(TrainingObjective objective, params Setting[] ofObjective) => new(
        $"TRL {objective}",
        Trainer.TRL,
        new SettingTable([.. AccelerateFlags.All, .. ModelFlags.OfModel, .. ModelFlags.OfAdapters, .. TransformersTrainer.Arguments, .. Own, .. ofObjective]),
        draft => Complete(draft, objective)) { FileFlag = "--config" };

    private static void Complete(TrainingDraft draft, TrainingObjective objective)
    {
        draft.Training.Objective = objective == TrainingObjective.SFT ? null : objective;

        // trl/trainer/base_config.py: bf16 unless fp16; model_config.py: dtype float32, though transformers 5 would load as the checkpoint is.
        draft.Mixed ??= MixedPrecision.BF16;
        if (draft.Loaded is null)
            draft.Assume("TRL loads the model in fp32 where --dtype does not say otherwise.");
        draft.Loaded ??= DataType.FP32;
        if (objective is TrainingObjective.GRPO or TrainingObjective.RLOO)
            CompleteRollout(draft, objective);
        else if (draft.Training.SequenceLength is null)
        {
            draft.Training.SequenceLength = UsualLength;
            draft.Assume($"max_length is not given, and is {UsualLength} then.");
        }
        TransformersTrainer.Complete(draft);
    }

    private static void CompleteRollout(TrainingDraft draft, TrainingObjective objective)
    {
        var rollout = Rollout(draft);
        rollout.CompletionLength ??= UsualCompletion;
        rollout.GroupSize ??= objective == TrainingObjective.GRPO ? null : 2;
        if (draft is { UsesVllm: true, VllmIsSeparate: false })
            rollout.Engine = RolloutEngine.Colocated;
        if (rollout.Engine is not null)
            return;
        (rollout.EngineMemoryPercent, rollout.EngineTensor, rollout.EngineSleeps) = (null, null, null);
    }

    /// <summary>vLLM's gpu_memory_utilization.</summary>
    public static bool Utilization(TrainingDraft draft, string text)
    {
        var isShare = decimal.TryParse(text, System.Globalization.NumberStyles.AllowDecimalPoint, System.Globalization.CultureInfo.InvariantCulture, out var share) && share is > 0 and < 1;
        if (isShare)
            Rollout(draft).EngineMemoryPercent = (int)Math.Clamp(decimal.Round(share * Percent), 1, Percent - 1);
        return isShare;
    }

    /// <summary>A name is one of the configurations that come with TRL (trl/accelerate_configs), all of which start eight processes; else it is a file.</summary>
    private static bool Configuration(TrainingDraft draft, string name)
    {
        JsonObject? known = name switch
        {
            "single_gpu" => new() { ["distributed_type"] = "NO" },
            "multi_gpu" => new() { ["distributed_type"] = "MULTI_GPU" },
            "zero1" or "zero2" or "zero3" => new() { ["distributed_type"] = "DEEPSPEED", ["deepspeed_config"] = new JsonObject { ["zero_stage"] = name[^1..] } },
            "fsdp1" or "fsdp2" => new() { ["distributed_type"] = "FSDP", ["fsdp_config"] = new JsonObject { ["fsdp_version"] = name[^1..] } },
            _ => null,
        };
        if (known is not null)
        {
            known["mixed_precision"] = "bf16";
            known["num_machines"] = 1;
            known["num_processes"] = 8;
        }
        else if ((known = draft.Files.Read(name, out var problem)) is null)
        {
            draft.Reading.NotUnderstood.Add(problem);
            return false;
        }
        AccelerateFlags.Take(draft, known, name);
        return true;
    }
}
