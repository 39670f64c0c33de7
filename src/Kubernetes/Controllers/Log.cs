using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Controllers;

internal static partial class Log
{
    [LoggerMessage(40, LogLevel.Error, "Reconciling {Kind} {Name} failed: {Reason}")]
    internal static partial void ReconcileFailed(this ILogger logger, Exception? failure, string kind, NamespacedName name, string? reason);
}
