using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>The members that all resources share.</summary>
public abstract class KubernetesObject : IKubernetesObject<V1ObjectMeta>
{
    [JsonPropertyOrder(-3)]
    [JsonConverter(typeof(PooledStringConverter))]
    public string? ApiVersion { get; set; }

    [JsonPropertyOrder(-2)]
    [JsonConverter(typeof(PooledStringConverter))]
    public string? Kind { get; set; }

    [JsonPropertyOrder(-1)]
    public V1ObjectMeta Metadata { get; set; } = new();
}
