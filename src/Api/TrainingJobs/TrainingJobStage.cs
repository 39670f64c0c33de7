using System.Globalization;

namespace GpuMem.Api.TrainingJobs;

/// <summary>
/// The pipeline stage that a manifest asks about, in the annotation <c>gpumem.io/stage</c>; on a terminal only, a cluster plans for the
/// most loaded one.
/// </summary>
public static class TrainingJobStage
{
    public const string Annotation = ApiGroup.Name + "/stage";

    /// <returns>A stage, from 0; null for the most loaded one, or with a problem.</returns>
    public static int? Of(TrainingJob job, out string? problem)
    {
        problem = null;
        if (job.Metadata?.Annotations is not { } annotations || !annotations.TryGetValue(Annotation, out var text))
            return null;
        var stages = job.Spec?.Parallelism?.Pipeline?.Value ?? 1;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var stage) && stage < stages)
            return stage;
        problem = $"metadata.annotations.{Annotation}: '{(text is { Length: > 40 } ? text[..40] + "…" : text)}' is none of the stages 0 to {stages - 1} of pipeline {stages}";
        return null;
    }
}
