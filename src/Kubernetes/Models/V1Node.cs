using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>A machine, its labels and what it can offer to pods.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Node", PluralName = "nodes")]
[EntityScope(EntityScope.Cluster)]
public sealed class V1Node : KubernetesObject, ISpec<V1NodeSpec?>, IStatus<V1NodeStatus?>
{
    public V1NodeSpec? Spec { get; set; }

    public V1NodeStatus? Status { get; set; }
}

/// <summary>Which pods a node accepts.</summary>
public sealed class V1NodeSpec
{
    public bool? Unschedulable { get; set; }

    public IList<V1Taint>? Taints { get; set; }

    public string? ProviderID { get; set; }
}

/// <summary>Keeps pods away that do not tolerate it.</summary>
public sealed class V1Taint
{
    [JsonConverter(typeof(PooledStringConverter))]
    public string? Key { get; set; }

    [JsonConverter(typeof(PooledStringConverter))]
    public string? Value { get; set; }

    [JsonConverter(typeof(PooledStringConverter))]
    public string? Effect { get; set; }
}

/// <summary>What a node has and how it is.</summary>
public sealed class V1NodeStatus
{
    public IDictionary<string, ResourceQuantity>? Capacity { get; set; }

    public IDictionary<string, ResourceQuantity>? Allocatable { get; set; }

    public IList<V1Condition>? Conditions { get; set; }
}
