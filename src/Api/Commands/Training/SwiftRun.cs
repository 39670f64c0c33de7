using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>What ms-swift's arguments say only together, and what it takes where nothing is said.</summary>
internal static class SwiftRun
{
    /// <summary>Arguments whose values are kept until all is read.</summary>
    public const string Bits = "--quant_bits", Division = "--fsdp", Type = "--rlhf_type", Beta = "--beta", Mode = "--vllm_mode";

    /// <summary>The environment: tokens of one chunk of the loss under sequence parallelism (swift/trainers/utils.py, per_token_loss_func_sp).</summary>
    public const string LossChunk = "CELOSS_PARALLEL_SIZE";

    /// <summary>arguments/tuner_args.py.</summary>
    private const int UsualRank = 8;

    /// <summary>arguments/rlhf_args.py.</summary>
    private const int UsualCompletion = 512;

    /// <summary>Of vLLM (rlhf_trainers/arguments.py).</summary>
    private const int UsualEnginePercent = 90;

    /// <summary>What it takes where nothing is said, once all is read.</summary>
    public static void Complete(TrainingDraft draft)
    {
        draft.Assume("ms-swift is estimated as the Trainer of transformers, whose layers and loss it runs since release 3.");

        // arguments/base_args/base_args.py: tuner_type is lora; trainers/arguments.py: gradient_checkpointing is on.
        draft.HasAdapters ??= true;
        if (draft.HasAdapters == true)
            draft.Lora.Rank ??= UsualRank;
        draft.DoubleQuantized ??= true;
        draft.Training.Recompute ??= Recompute.Full;

        // config/fsdp2.json: activation_checkpointing, whatever gradient_checkpointing says.
        if (draft.Together.ContainsKey(Division))
            draft.Training.Recompute = Recompute.Full;
        CompleteQuantization(draft);
        CompleteSequence(draft);

        // arguments/base_args/model_args.py: the type of the checkpoint, and autocast after it.
        draft.Loaded ??= DataType.BF16;
        draft.Mixed ??= draft.Loaded == DataType.BF16 ? MixedPrecision.BF16 : MixedPrecision.FP16;
        TransformersTrainer.CompleteBatch(draft, 1, "per_device_train_batch_size");
        TransformersTrainer.Complete(draft);
    }

    /// <summary>Under sequence parallelism samples are padded, and chunks of logits become their gradients where they are (swift/sequence_parallel/utils.py).</summary>
    private static void CompleteSequence(TrainingDraft draft)
    {
        if (draft.Layout.Context?.Value is not (> 1 and var ranks))
            return;
        var multiple = 2L * ranks;
        draft.Training.SequenceLength = (Math.Min(draft.Training.SequenceLength ?? 0, int.MaxValue) + multiple - 1) / multiple * multiple is > 0 and var padded ? padded : null;
        if (draft.Together.TryGetValue(LossChunk, out var chunk) && Setting.Number(chunk) > 0)
            draft.Training.Loss ??= LossKernel.InPlace;
    }

    /// <summary>quant_bits is of quant_method, without which nothing is quantised (arguments/base_args/quant_args.py).</summary>
    private static void CompleteQuantization(TrainingDraft draft)
    {
        if (draft.Quantized is null || !draft.Together.TryGetValue(Bits, out var bits) || bits == "4")
            return;
        if (Scheme(bits) is { } scheme)
            draft.Quantized = scheme;
        else
            draft.Reading.NotUnderstood.Add($"{Bits} {bits}, which bitsandbytes does not have");
    }

    /// <summary>The same of swift rlhf.</summary>
    public static void CompletePreferences(TrainingDraft draft)
    {
        // dpo, where nothing is said; cpo and simpo have no reference (arguments/rlhf_args.py).
        var type = draft.Together.GetValueOrDefault(Type, "dpo");
        draft.Training.Objective = type switch
        {
            "dpo" or "cpo" or "simpo" => TrainingObjective.DPO,
            "orpo" => TrainingObjective.ORPO,
            "kto" => TrainingObjective.KTO,
            "grpo" => TrainingObjective.GRPO,
            _ => null,
        };
        if (draft.Training.Objective is null)
            draft.Reading.NotUnderstood.Add($"--rlhf_type {type}, which holds models beside the one that it trains");
        if (type is "cpo" or "simpo")
            draft.Training.ReferenceModel = false;
        if (type == "grpo")
            CompleteRollout(draft);
        else
            draft.Training.Rollout = null;
        Complete(draft);
    }

    private static void CompleteRollout(TrainingDraft draft)
    {
        var rollout = TrlTrainer.Rollout(draft);
        rollout.CompletionLength ??= UsualCompletion;

        // max_length is that of prompts here; beta is 0.04, and with 0 there is no reference.
        draft.Training.SequenceLength += rollout.CompletionLength;
        draft.Training.ReferenceModel = draft.Together.GetValueOrDefault(Beta) is not ("0" or "0.0");
        var mode = draft.Together.GetValueOrDefault(Mode);
        if (draft.UsesVllm && mode == "colocate")
        {
            rollout.Engine = RolloutEngine.Colocated;
            rollout.EngineMemoryPercent ??= UsualEnginePercent;
            return;
        }
        if (draft.UsesVllm && mode != "server")
            draft.Reading.NotUnderstood.Add("--vllm_mode, which is not given: whether vLLM shares these GPUs depends on the release");
        (rollout.EngineMemoryPercent, rollout.EngineTensor, rollout.EngineSleeps) = (null, null, null);
    }

    /// <summary>What bitsandbytes makes of so many bits; null for others.</summary>
    public static QuantizationScheme? Scheme(string bits) => bits switch { "4" => QuantizationScheme.NF4, "8" => QuantizationScheme.INT8, _ => null };
}
