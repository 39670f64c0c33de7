using System.Text.Json.Serialization;

namespace GpuMem.Kubernetes.Models;

public sealed class V1ListMeta
{
    public string? ResourceVersion { get; set; }

    [JsonPropertyName("continue")]
    public string? ContinueProperty { get; set; }

    public long? RemainingItemCount { get; set; }
}
