namespace GpuMem.Estimation.Jobs;

/// <summary>What the loss is computed from.</summary>
public enum TrainingObjective
{
    /// <summary>The next token: pretraining and supervised fine-tuning.</summary>
    SFT,

    /// <summary>A chosen and a rejected answer, each against a reference model (arXiv 2305.18290).</summary>
    DPO,

    /// <summary>A chosen and a rejected answer, without a reference model (arXiv 2403.07691).</summary>
    ORPO,

    /// <summary>Single answers that are desired or not, against a reference model (arXiv 2402.01306).</summary>
    KTO,

    /// <summary>Groups of completions that the model generates, without a value model (arXiv 2402.03300); a reference model is optional.</summary>
    GRPO,

    /// <summary>The same, each completion against the mean of the others (arXiv 2402.14740), and against a reference model.</summary>
    RLOO,

    /// <summary>Completions that the model generates, each token against what a value model expects (arXiv 1707.06347), and against a reference model.</summary>
    PPO,
}

/// <summary>What follows from an objective.</summary>
public static class TrainingObjectives
{
    /// <summary>Each sequence of a micro-batch is two: a chosen and a rejected one pass through the model together.</summary>
    public static bool IsPaired(this TrainingObjective objective) => objective is TrainingObjective.DPO or TrainingObjective.ORPO;

    /// <summary>The model learns from what it generates.</summary>
    public static bool Generates(this TrainingObjective objective) => objective is TrainingObjective.GRPO or TrainingObjective.RLOO or TrainingObjective.PPO;

    /// <summary>Completions of one prompt are compared with each other.</summary>
    public static bool IsGrouped(this TrainingObjective objective) => objective is TrainingObjective.GRPO or TrainingObjective.RLOO;

    /// <summary>A frozen reference model is there unless the author says otherwise.</summary>
    public static bool HasReference(this TrainingObjective objective) => objective is TrainingObjective.DPO or TrainingObjective.KTO or TrainingObjective.RLOO or TrainingObjective.PPO;
}
