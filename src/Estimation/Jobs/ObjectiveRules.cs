namespace GpuMem.Estimation.Jobs;

/// <summary>Objectives that contradict the trainer, the reference model or what is said of generated completions.</summary>
internal static class ObjectiveRules
{
    public static void Check(TrainingSpec training, ref ProblemList problems)
    {
        TrainingRules.Known(training.Objective, "training.objective", ref problems);

        // TRL, which has such losses, runs on transformers.
        var program = TrainerProgram.Find(training.Trainer);
        if (program?.IsWithout(training.Objective) == true)
            problems.Add("training.objective", $"training.trainer {training.Trainer} has no {training.Objective}; use trainer HuggingFace (TRL), or objective SFT");
        if (training is { Objective: TrainingObjective.ORPO, ReferenceModel: true })
            problems.Add("training.referenceModel", "training.objective ORPO compares with no reference model; take referenceModel away, or use objective DPO");
        if (training.RewardModel && !training.Objective.Generates())
            problems.Add("training.rewardModel", $"training.objective {training.Objective} has no completions to score; use objective PPO, GRPO or RLOO, or take rewardModel away");
        CheckValueModel(training, program, ref problems);
        if (training.Rollout is not { } rollout)
            return;
        if (!training.Objective.Generates())
            problems.Add("training.rollout", $"training.objective {training.Objective} generates nothing; use objective GRPO, RLOO or PPO, or take rollout away");
        Check(rollout, training, ref problems);
    }

    private static void CheckValueModel(TrainingSpec training, TrainerProgram? program, ref ProblemList problems)
    {
        if (training.ValueTraining is not { } when)
            return;
        TrainingRules.Known(when, "training.valueTraining", ref problems);
        if (training.Objective != TrainingObjective.PPO)
            problems.Add("training.valueTraining", $"training.objective {training.Objective} trains no value model; use objective PPO, or take valueTraining away");
        else if (program?.Defaults.ValueTraining is { } own && own != when && (own is ValueTraining.Together or ValueTraining.Shared || when is ValueTraining.Together or ValueTraining.Shared))
            problems.Add("training.valueTraining", $"training.trainer {training.Trainer} trains a value model {own}, not {when}; take valueTraining away, or use another trainer such as {(when is ValueTraining.Together or ValueTraining.Shared ? "TRL" : "Verl")}");
        if (when == ValueTraining.Together && training.Offload is { BetweenSteps: true })
            problems.Add("training.offload.betweenSteps", "training.valueTraining Together works on policy and value model at once, and neither can leave for the other; take betweenSteps away, or use valueTraining InTurn");
    }

    private static void Check(RolloutSpec rollout, TrainingSpec training, ref ProblemList problems)
    {
        TrainingRules.Known(rollout.Engine, "training.rollout.engine", ref problems);
        TrainingRules.Known(rollout.EngineWeights, "training.rollout.engineWeights", ref problems);
        if (rollout.CompletionLength is { } length && (length < 1 || length > training.SequenceLength))
            problems.Add("training.rollout.completionLength", $"{length} tokens; it is a part of training.sequenceLength, prompt and completion: 1 to {training.SequenceLength}");
        if (!training.Objective.IsGrouped())
        {
            if (rollout.GroupSize is < 1 or > JobLimits.MaxRolloutGroup)
                problems.Add("training.rollout.groupSize", $"{rollout.GroupSize} completions of a prompt; use 1 to {JobLimits.MaxRolloutGroup}");
        }
        else if (rollout.GroupSize is < 2 or > JobLimits.MaxRolloutGroup)
            problems.Add("training.rollout.groupSize", $"{rollout.GroupSize} completions of a prompt; they are compared with each other: 2 to {JobLimits.MaxRolloutGroup}, usually 8 or 16");
        else if (training.GlobalBatchSize is { } batch && batch % rollout.GroupSize != 0)
            problems.Add("training.rollout.groupSize", $"training.globalBatchSize {batch} cannot be divided into groups of {rollout.GroupSize}; make it a multiple of groupSize");
        if (rollout.EngineMemoryPercent is < 1 or > 99)
            problems.Add("training.rollout.engineMemoryPercent", $"{rollout.EngineMemoryPercent} % of a GPU; use 1 to 99, usually 30 to 60");
        if (rollout.EngineTensor is < 1 or > JobLimits.MaxParallelDegree)
            problems.Add("training.rollout.engineTensor", $"{rollout.EngineTensor} GPUs; use 1 to {JobLimits.MaxParallelDegree}, usually the GPUs of a node at most");
        if (rollout is { Engine: RolloutEngine.Separate, EngineSleeps: true })
            problems.Add("training.rollout.engineSleeps", "training.rollout.engine Separate is on other GPUs and frees nothing here; use engine Colocated, or take engineSleeps away");
        if (training is { Offload.BetweenSteps: true } && rollout.Engine == RolloutEngine.Colocated && TrainerProgram.CodeOf(training).SharesEngineWeights)
            problems.Add("training.offload.betweenSteps", $"the engine of training.trainer {training.Trainer} generates with the very weights that are trained, which cannot leave; take betweenSteps away");
    }
}
