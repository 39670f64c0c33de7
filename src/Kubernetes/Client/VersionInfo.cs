namespace GpuMem.Kubernetes;

/// <summary>What the API server says of itself.</summary>
public sealed class VersionInfo
{
    public string? Major { get; set; }

    public string? Minor { get; set; }

    public string? GitVersion { get; set; }
}
