namespace GpuMem.Kubernetes.Controllers;

internal static partial class Log
{
    [LoggerMessage(40, LogLevel.Error, "Reconciling {Kind} {Name} failed: {Reason}")]
    internal static partial void ReconcileFailed(this ILogger logger, Exception? failure, string kind, NamespacedName name, string? reason);

    [LoggerMessage(41, LogLevel.Error, "The lease is lost; ending, so that a fresh process takes over")]
    internal static partial void LeaseLost(this ILogger logger);
}
