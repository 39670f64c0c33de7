namespace GpuMem.Kubernetes.Models;

public sealed class V1Volume
{
    public string? Name { get; set; }

    public V1EmptyDirVolumeSource? EmptyDir { get; set; }
}

public sealed class V1EmptyDirVolumeSource
{
    /// <summary><c>Memory</c> for shared memory.</summary>
    public string? Medium { get; set; }

    public ResourceQuantity? SizeLimit { get; set; }
}

public sealed class V1VolumeMount
{
    public string? Name { get; set; }

    public string? MountPath { get; set; }
}
