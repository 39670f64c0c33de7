namespace GpuMem.Kubernetes.Events;

internal static partial class Log
{
    [LoggerMessage(80, LogLevel.Warning, "Event {Reason} about a {Kind} could not be written: {Failure}")]
    internal static partial void EventLost(this ILogger logger, string reason, string kind, string failure);
}
