namespace GpuMem.Kubernetes.LeaderElection;

internal static partial class Log
{
    [LoggerMessage(60, LogLevel.Information, "Leading lease {Lease} as {Identity}")]
    internal static partial void Leading(this ILogger logger, string lease, string identity);

    [LoggerMessage(61, LogLevel.Information, "No longer leading lease {Lease} (given back: {GivenBack})")]
    internal static partial void NotLeading(this ILogger logger, string lease, bool givenBack);

    [LoggerMessage(62, LogLevel.Warning, "Lease {Lease} could not be read or written: {Reason}")]
    internal static partial void LeaseFailed(this ILogger logger, Exception failure, string lease, string reason);
}
