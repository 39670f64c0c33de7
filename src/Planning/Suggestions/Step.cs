namespace GpuMem.Planning.Suggestions;

/// <summary>A job with one thing changed.</summary>
/// <param name="Request">The changed job.</param>
/// <param name="Changes">The fields that were set.</param>
/// <param name="Effort">What the change asks of the user, see <see cref="Efforts"/>; those of a combination are added. Orders suggestions.</param>
/// <param name="Cost">What it costs, in words; null when next to nothing.</param>
internal sealed record Step(PlanRequest Request, IReadOnlyList<Change<PlanRequest>> Changes, int Effort, string? Cost)
{
    public static Step Of(PlanRequest request, int effort, string? cost, params Change<PlanRequest>[] changes) =>
        new(changes.Aggregate(request, (changed, change) => change.ApplyTo(changed)), changes, effort, cost);
}

/// <summary>How much a change asks of the user, from nothing to another result of the training.</summary>
internal static class Efforts
{
    /// <summary>A kernel that computes the same.</summary>
    public const int None = 0;

    /// <summary>A setting; the result is the same.</summary>
    public const int Setting = 1;

    /// <summary>The training script has to offer it.</summary>
    public const int Script = 2;

    /// <summary>Some more communication or computation, or other GPUs than were asked for.</summary>
    public const int Slower = 3;

    /// <summary>A third more computation.</summary>
    public const int MuchSlower = 4;

    /// <summary>Another layout over GPUs, or more of them.</summary>
    public const int OtherLayout = 5;

    /// <summary>Another optimizer: another result, if a close one.</summary>
    public const int OtherOptimizer = 7;

    /// <summary>A checkpoint of the same model in fewer bits: close answers.</summary>
    public const int OtherCheckpoint = 7;

    /// <summary>Prompts and answers of less than half the length that was asked for.</summary>
    public const int ShortContext = 8;

    /// <summary>Adapters in place of all weights: another result.</summary>
    public const int Adapters = 8;

    /// <summary>Adapters over weights that lost precision.</summary>
    public const int QuantizedAdapters = 9;
}
