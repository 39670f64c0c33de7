namespace GpuMem.Kubernetes.Informers;

internal static partial class Log
{
    [LoggerMessage(20, LogLevel.Error, "A handler of {Kind} changes failed on {Name}")]
    internal static partial void HandlerFailed(this ILogger logger, Exception failure, string kind, NamespacedName name);

    [LoggerMessage(21, LogLevel.Warning, "API server {Host} is not reachable ({Reason}); trying again in {Delay:0.0} s")]
    internal static partial void Unreachable(this ILogger logger, Uri host, string reason, double delay);

    [LoggerMessage(22, LogLevel.Warning, "Cannot follow {Kind}: {Reason}; trying again in {Delay:0.0} s")]
    internal static partial void CannotFollow(this ILogger logger, string kind, string reason, double delay);

    [LoggerMessage(23, LogLevel.Information, "Listed {Count} {Kind}")]
    internal static partial void Listed(this ILogger logger, int count, string kind);

    [LoggerMessage(24, LogLevel.Information, "The watch of {Kind} has expired ({Reason}); listing again")]
    internal static partial void Expired(this ILogger logger, string kind, string reason);

    [LoggerMessage(25, LogLevel.Information, "The API server does not stream the list of {Kind} ({Reason}); asking for it in one answer")]
    internal static partial void NoStreamingList(this ILogger logger, string kind, string reason);

    [LoggerMessage(26, LogLevel.Warning, "The API server accepts to stream the list of {Kind} and tells nothing for {Seconds:0} s; asking for it in one answer")]
    internal static partial void SilentStreamingList(this ILogger logger, string kind, double seconds);
}
