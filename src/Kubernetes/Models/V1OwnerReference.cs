using System.Text.Json.Serialization;
using GpuMem.Kubernetes.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>An object without which another one is garbage.</summary>
public sealed class V1OwnerReference
{
    [JsonConverter(typeof(PooledStringConverter))]
    public string? ApiVersion { get; set; }

    [JsonConverter(typeof(PooledStringConverter))]
    public string? Kind { get; set; }

    public string? Name { get; set; }

    public string? Uid { get; set; }

    public bool? Controller { get; set; }

    public bool? BlockOwnerDeletion { get; set; }
}
