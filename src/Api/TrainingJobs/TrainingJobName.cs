using GpuMem.Api.Pods;

namespace GpuMem.Api.TrainingJobs;

/// <summary>A TrainingJob's name becomes a Service, a Job, and with an index behind it a host name.</summary>
public static class TrainingJobName
{
    /// <summary>A DNS label has 63 characters; eleven are kept for a dash and a pod index.</summary>
    public const int MaxLength = 52;

    /// <returns>Null when the name can be used.</returns>
    public static string? Problem(string? name) => name is null || DnsLabel.Is(name, MaxLength)
        ? null
        : $"metadata.name: it becomes a DNS label with a pod index behind it: at most {MaxLength} characters of a-z, 0-9 and -, beginning with a letter";
}
