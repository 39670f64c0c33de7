namespace GpuMem.Estimation.Jobs;

/// <summary>What the program named as trainer cannot do.</summary>
internal static class TrainerRules
{
    public static void Check(TrainingSpec training, ref ProblemList problems)
    {
        TrainingRules.Known(training.Trainer, "training.trainer", ref problems);
        if (training.TrainerVersion is { } version)
            CheckVersion(training.Trainer, version, ref problems);
        if (TrainerProgram.Find(training.Trainer) is not { } program)
            return;
        CheckFramework(program, training.Framework, ref problems);
        if (program.WholeModelsOnly && training.Method != TrainingMethod.Full)
            problems.Add("training.trainer", $"{training.Trainer} trains whole models only, and training.method is {training.Method}; use method Full, or another trainer{Alternative(training)}");
    }

    private static string Alternative(TrainingSpec training) =>
        training is { Trainer: Trainer.Megatron, Method: TrainingMethod.LoRA } ? " such as MegatronBridge" : " such as HuggingFace";

    private static void CheckVersion(Trainer? trainer, string version, ref ProblemList problems)
    {
        if (trainer is null)
            problems.Add("training.trainerVersion", $"{TrainingRules.Shortened(version)} is the release of no program; name the program in training.trainer");
        else if (!TrainerVersions.IsVersion(version))
            problems.Add("training.trainerVersion", $"'{TrainingRules.Shortened(version)}' is no release; use numbers with dots, such as 5.8.1, at most {TrainerVersions.MaxLength} characters");
    }

    /// <summary>Other programs run on more than one framework: Megatron-LM on DeepSpeed, and with torch's FSDP.</summary>
    private static void CheckFramework(TrainerProgram program, TrainingFramework framework, ref ProblemList problems)
    {
        var usual = TrainerProgram.Usual(framework);
        if (program.Trainer != usual.Trainer && (program.IsFramework ? program : usual) is { IsFramework: true, Trainer: var own })
            problems.Add("training.trainer", $"{program.Trainer} does not run on training.framework {framework}; {own} is its own framework and runs nothing else: use it as both, or as neither");
    }
}
