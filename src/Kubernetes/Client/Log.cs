namespace GpuMem.Kubernetes.Client;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "API call failed at attempt {Attempt}; next one in {Delay:0.0} s: {Reason}")]
    internal static partial void Retrying(this ILogger logger, int attempt, double delay, string? reason);

    [LoggerMessage(2, LogLevel.Warning, "Skipped {Kind} {Name}, which could not be read: {Reason}")]
    internal static partial void SkippedObject(this ILogger logger, string kind, NamespacedName name, string reason);
}
