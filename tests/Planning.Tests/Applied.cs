namespace GpuMem.Planning.Tests;

/// <summary>A request with a suggestion taken.</summary>
internal static class Applied
{
    public static PlanRequest With(this PlanRequest request, Suggestion suggestion) =>
        suggestion.Changes.Aggregate(request, (changed, change) => change.ApplyTo(changed));
}
