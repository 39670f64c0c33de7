using GpuMem.Api.Pods;

namespace GpuMem.Api.Cluster;

/// <summary>
/// Drops what nobody reads of a TrainingJob or ModelServer. kubectl's own annotation holds the whole manifest once more,
/// and conditions repeat the verdict's words. An override stays: decisions depend on it.
/// </summary>
internal static class DescriptionTrim
{
    public static T Trim<T>(T described, string? message, IList<Condition>? conditions)
        where T : IPodDescription
    {
        described.Metadata.Annotations = described.Override() is { } reason ? new Dictionary<string, string> { [ApiGroup.OverrideAnnotation] = reason } : null;
        foreach (var condition in conditions ?? [])
            if (condition.Message == message)
                condition.Message = message;
        return described;
    }
}
