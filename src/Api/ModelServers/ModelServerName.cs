using GpuMem.Api.Pods;

namespace GpuMem.Api.ModelServers;

/// <summary>A ModelServer's name becomes a Deployment and the value of a label.</summary>
public static class ModelServerName
{
    public const int MaxLength = 63;

    /// <returns>Null when the name can be used.</returns>
    public static string? Problem(string? name) => name is null || DnsLabel.Is(name, MaxLength)
        ? null
        : $"metadata.name: it becomes the value of a label: at most {MaxLength} characters of a-z, 0-9 and -, beginning with a letter";
}
