using GpuMem.Api.TrainingJobs;

namespace GpuMem.Api.Decisions;

/// <summary>The TrainingJob that describes a pod, if one does.</summary>
/// <param name="Job">The TrainingJob; null when none does.</param>
/// <param name="Warning">The pod names a TrainingJob that does not exist.</param>
public sealed record TrainingJobTie(TrainingJob? Job, string? Warning)
{
    public static readonly TrainingJobTie None = new(null, null);

    /// <summary>By the pod's label; else by its controller, when a TrainingJob's <c>targetRef</c> names it.</summary>
    /// <param name="pod">It may not carry its namespace yet, when it is being created.</param>
    /// <param name="find">Looks up a TrainingJob by name in the namespace of the request.</param>
    /// <param name="inNamespace">All TrainingJobs of that namespace.</param>
    public static TrainingJobTie Of(V1Pod pod, Func<string, TrainingJob?> find, Func<IEnumerable<TrainingJob>> inNamespace)
    {
        if (pod.GetLabel(ApiGroup.TrainingJobLabel) is { Length: > 0 } name)
            return find(name) is { } labelled
                ? new TrainingJobTie(labelled, null)
                : new TrainingJobTie(null, $"no TrainingJob '{(name.Length <= 52 ? name : name[..52] + "…")}' in this namespace: GPU memory not checked");
        if (pod.GetController() is not { } owner)
            return None;
        var described = inNamespace().FirstOrDefault(job => job.Spec?.TargetRef is { } target
            && target.Kind == owner.Kind && target.Name == owner.Name && target.ApiVersion == owner.ApiVersion);
        return described is null ? None : new TrainingJobTie(described, null);
    }
}
