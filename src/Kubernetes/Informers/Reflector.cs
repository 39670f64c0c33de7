using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Lists, then watches, and lists again when the watch cannot go on; never gives up. The rules come from client-go's
/// tools/cache/reflector.go and tools/pager/pager.go.
/// </summary>
internal sealed class Reflector<T>(
    IKubernetesClient client,
    InformerOptions<T> options,
    EntityStore<T> store,
    Contact contact,
    ILogger logger,
    TimeProvider timeProvider,
    Func<double> random)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SuspiciouslyShort = TimeSpan.FromSeconds(1);

    private readonly Backoff _backoff = new(timeProvider, random);
    private readonly string _kind = EntityMetadata.Of<T>().Plural;

    // Opaque; null until the first list.
    private string? _version;

    /// <summary>Ends only when cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        bool listed = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!listed)
                    await ListAsync(cancellationToken);
                listed = true;
                await WatchAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A cache that stops following is worse than any error: log it, wait, go on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                listed = listed && CanResume(failure);
                await WaitAsync(failure, cancellationToken);
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        PagedList<T> list;
        try
        {
            // "0" is answered from the API server's cache; later lists must not be older than what we have seen.
            list = await PagedList<T>.ReadAsync(client, options, _version ?? "0", cancellationToken);
        }
        catch (KubernetesException stale) when (stale.IsGone || stale.IsTooLargeResourceVersion)
        {
            // That version is gone, or (after a restore of etcd) is yet to come. Once more, with whatever is newest.
            logger.Expired(_kind);
            _version = "";
            list = await PagedList<T>.ReadAsync(client, options, "", cancellationToken);
        }

        store.Replace(list.Items, list.Unreadable.Select(entity => entity.Name));
        _version = list.ResourceVersion;
        logger.Listed(list.Items.Count, _kind);
        contact.Listed();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        long started = timeProvider.GetTimestamp();
        bool heard = false;
        // At "0" the server begins with objects in any order, whose versions say nothing about how far we are.
        bool inOrder = _version is not (null or "" or "0");
        TimeSpan timeout = ShortestWatch * (1 + random());
        await foreach (WatchEvent<T> change in client.WatchAsync<T>(
            options.Namespace, _version, options.LabelSelector, options.FieldSelector, timeout, bookmarks: true, cancellationToken))
        {
            heard = true;
            contact.Heard();
            Take(change);
            if ((inOrder || change.Type != WatchEventType.Added) && change.Object?.ResourceVersion() is { Length: > 0 } version)
                _version = version;
        }

        if (!heard && timeProvider.GetElapsedTime(started) < SuspiciouslyShort)
            throw new IOException("the watch ended at once and without an event");
        contact.Heard();
    }

    private void Take(WatchEvent<T> change)
    {
        switch (change.Type)
        {
            // A refusal inside the stream is treated as one in place of the stream.
            case WatchEventType.Error:
                throw new KubernetesException(change.Status ?? new V1Status());
            case WatchEventType.Deleted:
                store.Remove(change.Object!);
                break;
            case WatchEventType.Added or WatchEventType.Modified:
                store.Upsert(change.Object!);
                break;
        }
    }

    /// <summary>The server was away or busy, so what we have is still a good place to go on from. A 500 may be about that place.</summary>
    private static bool CanResume(Exception failure) => failure is KubernetesException refused
        ? refused.IsTooManyRequests || ((int)refused.StatusCode is 502 or 503 or 504 && !refused.IsTooLargeResourceVersion)
        : Failure.IsUnreachable(failure);

    private async Task WaitAsync(Exception failure, CancellationToken cancellationToken)
    {
        TimeSpan delay = _backoff.Next();
        if (failure is KubernetesException { RetryAfter: { } asked } && asked > delay)
            delay = asked;
        contact.Failed(failure);
        if (Failure.IsUnreachable(failure))
            logger.Unreachable(client.Host, Failure.Describe(failure), delay.TotalSeconds);
        else
            logger.CannotFollow(_kind, Failure.Describe(failure), delay.TotalSeconds);
        await Task.Delay(delay, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
