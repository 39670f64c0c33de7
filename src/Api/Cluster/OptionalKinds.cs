using Microsoft.Extensions.Logging;

namespace GpuMem.Api.Cluster;

/// <summary>Follows kinds that a cluster need not serve, and that we need not be allowed to read: both are found out by asking, now and then again.</summary>
internal sealed partial class OptionalKinds(IKubernetesClient client, TimeProvider timeProvider, ILogger logger)
{
    /// <summary>A cluster that gets a kind, or lets us see it, is noticed within this time.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromMinutes(10);

    /// <summary>Ends only when cancelled.</summary>
    public async Task FollowAsync<T, TKept>(Informer<T, TKept> informer, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
        where TKept : class
    {
        try
        {
            while (!await MayListAsync<T>(cancellationToken))
                await Task.Delay(AskAgainAfter, timeProvider, cancellationToken);
            await informer.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private async Task<bool> MayListAsync<T>(CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            await client.ListAsync<T>(new ListOptions(Limit: 1), cancellationToken);
            return true;
        }
        catch (Exception error) when (error is KubernetesException or IOException or HttpRequestException or TimeoutException)
        {
            var kind = EntityMetadata.Of<T>();
            LogNotRead(kind.Plural, kind.ApiVersion, error.Message, AskAgainAfter);
            return false;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The {Plural} of {ApiVersion} cannot be read: {Message}; asking again in {Wait}")]
    private partial void LogNotRead(string plural, string apiVersion, string message, TimeSpan wait);
}
