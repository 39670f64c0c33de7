using GpuMem.Estimation.Jobs;

namespace GpuMem.Api.Commands.Training;

/// <summary>What FSDP and DeepSpeed divide, as the job says it.</summary>
internal static class Division
{
    public static void Apply(TrainingDraft draft)
    {
        if (draft is { DeepSpeed: not null, Fsdp: not null })
            draft.Reading.NotUnderstood.Add("FSDP, which is configured beside DeepSpeed: only one of them can divide the model");
        if (draft.DeepSpeed is { } deepSpeed)
            Apply(draft, deepSpeed);
        else if (draft.Fsdp is { } fsdp)
            Apply(draft, fsdp);
    }

    private static void Apply(TrainingDraft draft, DeepSpeedChoice choice)
    {
        draft.Training.Framework = TrainingFramework.DeepSpeed;
        draft.Layout.Sharding = choice.Stage ?? Sharding.None;
        Agree(draft, "train_micro_batch_size_per_gpu", choice.MicroBatchSize, draft.Training.MicroBatchSize?.Value);
        Agree(draft, "gradient_accumulation_steps", choice.Accumulation, draft.Accumulation ?? 1);
    }

    /// <summary>A mismatch ends the run (transformers/integrations/deepspeed.py, trainer_config_finalize).</summary>
    private static void Agree(TrainingDraft draft, string key, long? own, long? trainers)
    {
        if (own is not null && own != trainers)
            draft.Reading.NotUnderstood.Add($"{key}: {own} of the DeepSpeed configuration, where the trainer has {trainers}: it refuses to start; write auto there");
    }

    /// <summary>accelerate's version is 1 unless it is told (accelerate/utils/dataclasses.py, FullyShardedDataParallelPlugin).</summary>
    private static void Apply(TrainingDraft draft, FsdpChoice choice)
    {
        draft.Layout.FsdpVersion = choice.Version ?? 1;

        // fully_shard has no strategies: weights that stay gathered after forward are SHARD_GRAD_OP.
        draft.Layout.Sharding = choice is { Version: 2, ReshardsAfterForward: false } ? Sharding.Gradients : choice.Sharding ?? Sharding.Full;
    }
}
