using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>Containers that run together on one node.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Pod", PluralName = "pods")]
public sealed class V1Pod : KubernetesObject, ISpec<V1PodSpec?>, IStatus<V1PodStatus?>
{
    public V1PodSpec? Spec { get; set; }

    public V1PodStatus? Status { get; set; }
}

/// <summary>What a pod runs, and which nodes it can run on.</summary>
public sealed class V1PodSpec
{
    public IList<V1Container>? Containers { get; set; }

    public IList<V1Container>? InitContainers { get; set; }

    public IDictionary<string, string>? NodeSelector { get; set; }

    public V1Affinity? Affinity { get; set; }

    public IList<V1Toleration>? Tolerations { get; set; }

    public IList<V1PodSchedulingGate>? SchedulingGates { get; set; }

    public string? RuntimeClassName { get; set; }

    public IDictionary<string, ResourceQuantity>? Overhead { get; set; }

    public IList<V1PodResourceClaim>? ResourceClaims { get; set; }

    [JsonConverter(typeof(PooledStringConverter))]
    public string? NodeName { get; set; }

    public string? SchedulerName { get; set; }

    public string? ServiceAccountName { get; set; }

    public string? PriorityClassName { get; set; }

    public string? RestartPolicy { get; set; }

    public string? Hostname { get; set; }

    public string? Subdomain { get; set; }

    public IList<V1Volume>? Volumes { get; set; }
}

/// <summary>Something that must be removed before the scheduler looks at a pod.</summary>
public sealed class V1PodSchedulingGate
{
    public string? Name { get; set; }
}

/// <summary>A device that a pod claims through dynamic resource allocation.</summary>
public sealed class V1PodResourceClaim
{
    public string? Name { get; set; }

    public string? ResourceClaimName { get; set; }

    public string? ResourceClaimTemplateName { get; set; }
}

/// <summary>Metadata and spec of pods yet to be made.</summary>
public sealed class V1PodTemplateSpec
{
    public V1ObjectMeta? Metadata { get; set; }

    public V1PodSpec? Spec { get; set; }
}
