namespace GpuMem.Kubernetes.Models;

/// <summary>What has become of a pod.</summary>
public sealed class V1PodStatus
{
    public string? Phase { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public IList<V1Condition>? Conditions { get; set; }

    public IList<V1ContainerStatus>? InitContainerStatuses { get; set; }

    public IList<V1ContainerStatus>? ContainerStatuses { get; set; }
}

/// <summary>What has become of one container, now and before its last restart.</summary>
public sealed class V1ContainerStatus
{
    public string? Name { get; set; }

    public int? RestartCount { get; set; }

    public V1ContainerState? State { get; set; }

    public V1ContainerState? LastState { get; set; }
}

/// <summary>The part of the state that is read: how a container ended.</summary>
public sealed class V1ContainerState
{
    public V1ContainerStateTerminated? Terminated { get; set; }
}

/// <summary>How a container ended, in its own words too.</summary>
public sealed class V1ContainerStateTerminated
{
    public int? ExitCode { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }

    public DateTimeOffset? FinishedAt { get; set; }
}
