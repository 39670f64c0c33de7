namespace GpuMem.Kubernetes.Models;

/// <summary>Storage that a pod offers to its containers.</summary>
public sealed class V1Volume
{
    public string? Name { get; set; }

    public V1EmptyDirVolumeSource? EmptyDir { get; set; }
}

/// <summary>Storage that lives as long as its pod; in memory for <c>/dev/shm</c>.</summary>
public sealed class V1EmptyDirVolumeSource
{
    /// <summary><c>Memory</c> for shared memory.</summary>
    public string? Medium { get; set; }

    public ResourceQuantity? SizeLimit { get; set; }
}

/// <summary>Where a container sees a volume.</summary>
public sealed class V1VolumeMount
{
    public string? Name { get; set; }

    public string? MountPath { get; set; }
}
