using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

[KubernetesEntity(Group = "events.k8s.io", ApiVersion = "v1", Kind = "Event", PluralName = "events")]
public sealed class Eventsv1Event : KubernetesObject
{
    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? EventTime { get; set; }

    /// <summary><c>Normal</c> or <c>Warning</c>.</summary>
    public string? Type { get; set; }

    public string? Reason { get; set; }

    public string? Action { get; set; }

    public string? Note { get; set; }

    public V1ObjectReference? Regarding { get; set; }

    public string? ReportingController { get; set; }

    public string? ReportingInstance { get; set; }

    public Eventsv1EventSeries? Series { get; set; }
}

/// <summary>Says that the event came again, and how often.</summary>
public sealed class Eventsv1EventSeries
{
    public int Count { get; set; }

    [JsonConverter(typeof(MicroTimeConverter))]
    public DateTimeOffset? LastObservedTime { get; set; }
}

public sealed record V1ObjectReference
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    [JsonPropertyName("namespace")]
    public string? NamespaceProperty { get; set; }

    public string? Name { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }
}
