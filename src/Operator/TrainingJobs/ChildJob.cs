using GpuMem.Api;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Operator.SuspendedJobs;

namespace GpuMem.Operator.TrainingJobs;

/// <summary>What is kept of a Job that a TrainingJob became. The pod template is most of a Job, and nobody reads it here.</summary>
internal sealed record ChildJob
{
    private static readonly string[] Ends = ["Complete", "Failed"];

    /// <summary>UID of the object that controls it; null when nothing does.</summary>
    public string? OwnerUid { get; private init; }

    /// <summary>The plan it was launched with; null when somebody damaged it.</summary>
    public PlanStatus? Plan { get; private init; }

    public bool IsSuspended { get; private init; }

    /// <summary>Its TrainingJob's <c>suspend</c> holds it back, and nobody else.</summary>
    public bool IsSuspendedByOwner { get; private init; }

    public bool IsActive { get; private init; }

    /// <summary>The TrainingJob that its label names, whoever wrote that.</summary>
    public string? Describer { get; private init; }

    /// <summary>Somebody's own Job that waits for its plan: no pod of it runs, no controller makes it again, and its pods ask for no GPU yet, or for what an earlier plan wrote, or Kueue is held back.</summary>
    public bool Waits => IsSuspended && !IsActive && OwnerUid is null && Describer is not null && LacksPlan;

    private bool LacksPlan { get; init; }

    /// <summary>Complete and Failed are the two ends that Kubernetes' own Job knows; null before either.</summary>
    public V1JobCondition? End { get; private init; }

    public TrainingJobPhase Phase => End?.Type switch
    {
        "Complete" => TrainingJobPhase.Complete,
        "Failed" => TrainingJobPhase.Failed,
        _ when IsSuspended => TrainingJobPhase.Suspended,
        _ when IsActive => TrainingJobPhase.Running,
        _ => TrainingJobPhase.Launched,
    };

    public static ChildJob Read(V1Job job) => new()
    {
        OwnerUid = job.OwnerReferences()?.FirstOrDefault(owner => owner.Controller == true)?.Uid,
        Plan = LaunchedPlan.Of(job),
        IsSuspended = job.Spec?.Suspend == true,
        IsSuspendedByOwner = job.GetAnnotation(ChildWorkload.SuspendedAnnotation) is not null,
        IsActive = job.Status?.Active > 0,
        Describer = job.GetLabel(ApiGroup.TrainingJobLabel),
        LacksPlan = PodGpus.Of(job.Spec?.Template?.Spec).Count == 0 || job.Spec?.Template?.Metadata?.Annotations?.ContainsKey(ApiGroup.RewrittenAnnotation) == true || job.GetAnnotation(SuspendedJobRewrite.GatesAnnotation) is not null,
        End = job.Status?.Conditions?.FirstOrDefault(condition => condition.Status == "True" && Ends.Contains(condition.Type)),
    };

    public bool IsOwnedBy(TrainingJob job) => OwnerUid is not null && OwnerUid == job.Uid();
}
