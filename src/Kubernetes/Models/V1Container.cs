namespace GpuMem.Kubernetes.Models;

/// <summary>One program of a pod.</summary>
public sealed class V1Container
{
    public string? Name { get; set; }

    public string? Image { get; set; }

    public IList<string>? Command { get; set; }

    public IList<string>? Args { get; set; }

    public IList<V1EnvVar>? Env { get; set; }

    public V1ResourceRequirements? Resources { get; set; }

    public IList<V1ContainerPort>? Ports { get; set; }

    public IList<V1VolumeMount>? VolumeMounts { get; set; }

    /// <summary><c>Always</c> on an init container makes it a sidecar, which runs beside the others.</summary>
    public string? RestartPolicy { get; set; }

    public string? TerminationMessagePolicy { get; set; }
}

/// <summary>What a container asks for and may use at most.</summary>
public sealed class V1ResourceRequirements
{
    public IDictionary<string, ResourceQuantity>? Requests { get; set; }

    public IDictionary<string, ResourceQuantity>? Limits { get; set; }

    public IList<V1ResourceClaim>? Claims { get; set; }
}

/// <summary>A container's use of one of the pod's resource claims.</summary>
public sealed class V1ResourceClaim
{
    public string? Name { get; set; }

    public string? Request { get; set; }
}

/// <summary>A port that a container listens on.</summary>
public sealed class V1ContainerPort
{
    public string? Name { get; set; }

    public int? ContainerPort { get; set; }

    public string? Protocol { get; set; }
}
