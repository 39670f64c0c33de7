namespace GpuMem.Planning.Serving;

/// <summary>A server with one thing changed.</summary>
/// <param name="Request">The changed server.</param>
/// <param name="Changes">The fields that were set.</param>
/// <param name="Effort">What the change asks of the user, see <see cref="Suggestions.Efforts"/>. Orders suggestions.</param>
/// <param name="Cost">What it costs, in words; null when next to nothing.</param>
internal sealed record ServerStep(ServerRequest Request, IReadOnlyList<Change<ServerRequest>> Changes, int Effort, string? Cost)
{
    public static ServerStep Of(ServerRequest request, int effort, string? cost, params Change<ServerRequest>[] changes) =>
        new(changes.Aggregate(request, (changed, change) => change.ApplyTo(changed)), changes, effort, cost);

    /// <summary>This change and then another of what it led to.</summary>
    public ServerStep And(ServerStep next) => new(
        next.Request,
        [.. Changes, .. next.Changes],
        Math.Max(Effort, next.Effort) + 1,
        (Cost, next.Cost) switch { ({ } a, { } b) => $"{a}; {b}", var (a, b) => a ?? b });
}
