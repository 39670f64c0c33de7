namespace GpuMem.Estimation.Jobs;

/// <summary>Objectives that contradict the trainer, the reference model or what is said of generated completions.</summary>
internal static class ObjectiveRules
{
    public static void Check(TrainingSpec training, ref ProblemList problems)
    {
        TrainingRules.Known(training.Objective, "training.objective", ref problems);

        // TRL, which has such losses, runs on transformers.
        if (training.Objective != TrainingObjective.SFT && TrainerProgram.Find(training.Trainer) is { SupervisedOnly: true })
            problems.Add("training.objective", $"training.trainer {training.Trainer} has no {training.Objective}; use trainer HuggingFace (TRL), or objective SFT");
        if (training is { Objective: TrainingObjective.ORPO, ReferenceModel: true })
            problems.Add("training.referenceModel", "training.objective ORPO compares with no reference model; take referenceModel away, or use objective DPO");
        if (training.Rollout is not { } rollout)
            return;
        if (!training.Objective.Generates())
            problems.Add("training.rollout", $"training.objective {training.Objective} generates nothing; use objective GRPO or RLOO, or take rollout away");
        Check(rollout, training, ref problems);
    }

    private static void Check(RolloutSpec rollout, TrainingSpec training, ref ProblemList problems)
    {
        TrainingRules.Known(rollout.Engine, "training.rollout.engine", ref problems);
        TrainingRules.Known(rollout.EngineWeights, "training.rollout.engineWeights", ref problems);
        if (rollout.CompletionLength is { } length && (length < 1 || length > training.SequenceLength))
            problems.Add("training.rollout.completionLength", $"{length} tokens; it is a part of training.sequenceLength, prompt and completion: 1 to {training.SequenceLength}");
        if (rollout.GroupSize is < 2 or > JobLimits.MaxRolloutGroup)
            problems.Add("training.rollout.groupSize", $"{rollout.GroupSize} completions of a prompt; they are compared with each other: 2 to {JobLimits.MaxRolloutGroup}, usually 8 or 16");
        else if (training.GlobalBatchSize is { } batch && batch % rollout.GroupSize != 0)
            problems.Add("training.rollout.groupSize", $"training.globalBatchSize {batch} cannot be divided into groups of {rollout.GroupSize}; make it a multiple of groupSize");
        if (rollout.EngineMemoryPercent is < 1 or > 99)
            problems.Add("training.rollout.engineMemoryPercent", $"{rollout.EngineMemoryPercent} % of a GPU; use 1 to 99, usually 30 to 60");
        if (rollout.EngineTensor is < 1 or > JobLimits.MaxParallelDegree)
            problems.Add("training.rollout.engineTensor", $"{rollout.EngineTensor} GPUs; use 1 to {JobLimits.MaxParallelDegree}, usually the GPUs of a node at most");
        if (rollout is { Engine: RolloutEngine.Separate, EngineSleeps: true })
            problems.Add("training.rollout.engineSleeps", "training.rollout.engine Separate is on other GPUs and frees nothing here; use engine Colocated, or take engineSleeps away");
    }
}
