namespace GpuMem.Kubernetes.Models;

/// <summary>One aspect of an object's state; also reads the conditions of nodes, pods and jobs, which have the same members.</summary>
public sealed class V1Condition
{
    public string? Type { get; set; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string? Status { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public long? ObservedGeneration { get; set; }

    public DateTimeOffset? LastTransitionTime { get; set; }
}
