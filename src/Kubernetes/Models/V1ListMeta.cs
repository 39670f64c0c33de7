using System.Text.Json.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>The version a list was read at, and where its next page begins.</summary>
public sealed class V1ListMeta
{
    public string? ResourceVersion { get; set; }

    [JsonPropertyName("continue")]
    public string? ContinueProperty { get; set; }

    public long? RemainingItemCount { get; set; }
}
