using GpuMem.Api;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>Keeps of a child what a TrainingJob's status is made of. The pod template is most of a Job, and nobody reads it here.</summary>
internal static class ChildTrim
{
    public static V1Job Trim(V1Job child) => new()
    {
        ApiVersion = child.ApiVersion,
        Kind = child.Kind,
        Metadata = new V1ObjectMeta
        {
            Name = child.Name(),
            NamespaceProperty = child.Namespace(),
            Uid = child.Uid(),
            ResourceVersion = child.ResourceVersion(),
            DeletionTimestamp = child.DeletionTimestamp(),
            Labels = Only(child.Labels(), ApiGroup.TrainingJobLabel),
            Annotations = Only(child.Annotations(), ChildWorkload.PlanAnnotation, ChildWorkload.SuspendedAnnotation),
            OwnerReferences = child.OwnerReferences(),
        },
        Spec = child.Spec is null ? null : new V1JobSpec { Suspend = child.Spec.Suspend },
        Status = child.Status is null ? null : new V1JobStatus { Active = child.Status.Active, Conditions = child.Status.Conditions },
    };

    private static Dictionary<string, string>? Only(IDictionary<string, string>? all, params string[] names) =>
        all?.Where(pair => names.Contains(pair.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal);
}
