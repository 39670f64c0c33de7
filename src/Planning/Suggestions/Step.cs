namespace GpuMem.Planning.Suggestions;

/// <summary>A job with one thing changed.</summary>
/// <param name="Request">The changed job.</param>
/// <param name="Changes">The fields that were set.</param>
/// <param name="Effort">How much the change asks of the user: 0 nothing, 10 another result. Orders suggestions.</param>
/// <param name="Cost">What it costs, in words; null when next to nothing.</param>
internal sealed record Step(PlanRequest Request, IReadOnlyList<Change> Changes, int Effort, string? Cost);
