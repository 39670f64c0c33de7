namespace GpuMem.Kubernetes.Models;

/// <summary>Pods that run to completion (batch/v1).</summary>
[KubernetesEntity(Group = "batch", ApiVersion = "v1", Kind = "Job", PluralName = "jobs")]
public sealed class V1Job : KubernetesObject, ISpec<V1JobSpec?>, IStatus<V1JobStatus?>
{
    public V1JobSpec? Spec { get; set; }

    public V1JobStatus? Status { get; set; }
}

/// <summary>How many pods a job runs, and which.</summary>
public sealed class V1JobSpec
{
    public int? Parallelism { get; set; }

    public int? Completions { get; set; }

    /// <summary><c>Indexed</c> or <c>NonIndexed</c>.</summary>
    public string? CompletionMode { get; set; }

    public int? BackoffLimit { get; set; }

    public bool? Suspend { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public V1PodTemplateSpec? Template { get; set; }

    public int? TtlSecondsAfterFinished { get; set; }
}

/// <summary>How far a job's pods have come.</summary>
public sealed class V1JobStatus
{
    public int? Active { get; set; }

    public int? Succeeded { get; set; }

    public int? Failed { get; set; }

    public int? Ready { get; set; }

    public IList<V1Condition>? Conditions { get; set; }

    public DateTimeOffset? StartTime { get; set; }

    public DateTimeOffset? CompletionTime { get; set; }
}
