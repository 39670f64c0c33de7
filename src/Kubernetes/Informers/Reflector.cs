namespace GpuMem.Kubernetes.Informers;

/// <summary>
/// Lists, then watches, and lists again when the watch cannot go on; never gives up. The rules come from client-go's
/// tools/cache/reflector.go and tools/pager/pager.go.
/// </summary>
internal sealed class Reflector<TEntity, TView>(
    IKubernetesClient client,
    InformerOptions options,
    Func<TEntity, Kept<TView>?> keep,
    EntityStore<TView> store,
    Contact contact,
    ILogger logger,
    TimeProvider timeProvider,
    Func<double> random)
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
    where TView : class
{
    private static readonly TimeSpan ShortestWatch = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SuspiciouslyShort = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SayAgainAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenListsAtOnce = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan StreamAgainAfter = TimeSpan.FromMinutes(10);

    private readonly Backoff _backoff = new(timeProvider, random);
    private readonly string _kind = EntityMetadata.Of<TEntity>().Plural;
    private bool _streams = options.StreamingList;

    // When a stream was last given up that told nothing, while plain lists work.
    private long? _fellSilent;

    // Opaque; null until the first list.
    private string? _version;

    // What the store holds is a place to go on from.
    private bool _listed;

    private long? _listedAtOnce;
    private (string Reason, long At)? _said;

    // After a lost connection the server may have less than we have seen: etcd was restored from an older copy.
    private bool _serverWasAway;

    /// <summary>Ends only when cancelled.</summary>
    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!_listed && MayStream())
                    await StreamAsync(cancellationToken);
                if (!_listed)
                    await ListAsync(cancellationToken);
                await VerifyVersionAsync(cancellationToken);
                await WatchAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (KubernetesException expired) when (IsExpired(expired) && MayListAtOnce())
            {
                contact.Failed(expired);
                logger.Expired(_kind, expired.Message);
                Forget(expired);
                _listed = false;
                _backoff.Reset();
            }
#pragma warning disable CA1031 // A cache that stops following is worse than any error: log it, wait, go on.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                // A list that works and a watch that does not must not follow each other every second.
                bool away = IsAway(failure) && (!_listed || CanResume(failure));
                Forget(failure);
                // Then it was not only the stream that was silent.
                if (!_listed && Failure.IsUnreachable(failure))
                    SetFellSilent(false);
                _listed = _listed && CanResume(failure);
                await WaitAsync(failure, away, cancellationToken);
            }
        }
    }

    /// <summary>
    /// Gets the list as events and goes on with the same stream as the watch. When the server refuses or tells nothing, nothing is listed: then a
    /// plain list is next. What was collected before the stream broke is thrown away with it.
    /// </summary>
    private async Task StreamAsync(CancellationToken cancellationToken)
    {
        using InitialEvents<TView> initial = new(timeProvider, cancellationToken);
        try
        {
            await foreach (WatchEvent<TEntity> change in OpenWatch(_version, initial, initial.Cancelled))
            {
                contact.Heard();
                if (initial.IsComplete)
                {
                    Take(change);
                    Advance(change);
                }
                else if (initial.Take(change, keep))
                {
                    SetFellSilent(false);
                    Fill(initial.Items, initial.Unreadable, change.Object!.ResourceVersion());
                }
            }
        }
        catch (OperationCanceledException) when (initial.FellSilent && !cancellationToken.IsCancellationRequested)
        {
            // Complete when its last event came just as the time was up.
            if (!initial.IsComplete)
            {
                SetFellSilent(true);
                logger.SilentStreamingList(_kind, InitialEvents<TView>.LongestSilence.TotalSeconds);
            }

            return;
        }
        catch (KubernetesException refused) when (!initial.IsComplete && !CanResume(refused))
        {
            // 422 or 400: it does not know the parameters, or they are switched off; it will not learn them while we run.
            _streams = (int)refused.StatusCode is not (400 or 422);
            if (!_streams)
                logger.NoStreamingList(_kind, refused.Message);
            return;
        }

        if (!initial.IsComplete)
            throw new IOException("the watch ended before it had told of everything there is");
    }

    private bool MayStream() => _streams && (_fellSilent is not { } last || timeProvider.GetElapsedTime(last) >= StreamAgainAfter);

    private void SetFellSilent(bool silent)
    {
        _fellSilent = silent ? timeProvider.GetTimestamp() : null;
        contact.StreamFellSilent = silent;
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        PagedList<TView> list;
        try
        {
            // "0" is answered from the API server's cache; later lists must not be older than what we have seen.
            list = await PagedList<TView>.ReadAsync(client, options, keep, _version ?? "0", cancellationToken);
        }
        catch (KubernetesException stale) when (IsExpired(stale))
        {
            // Once more, with whatever is newest.
            logger.Expired(_kind, stale.Message);
            _version = "";
            list = await PagedList<TView>.ReadAsync(client, options, keep, "", cancellationToken);
        }

        Fill(list.Items, list.Unreadable, list.ResourceVersion);
    }

    private void Fill(IReadOnlyCollection<Kept<TView>> items, IEnumerable<UnreadableEntity> unreadable, string? version)
    {
        store.Replace(items, unreadable.Select(entity => entity.Name));
        _serverWasAway = false;
        _said = null;
        _listed = true;
        _version = version;
        logger.Listed(items.Count, _kind);
        if (!contact.Synced.IsCompleted)
            store.TellSynced();
        contact.Listed();
    }

    /// <summary>
    /// A watch from a version that is yet to come is not refused: it stays silent, and what the restored server no longer has stays with us
    /// for ever. A list is refused, so after a lost connection one that selects nothing is asked for first.
    /// </summary>
    /// <exception cref="KubernetesException">The version is gone or yet to come.</exception>
    private async Task VerifyVersionAsync(CancellationToken cancellationToken)
    {
        if (!_serverWasAway)
            return;
        await client.ListAsync(keep, options.Selected(_version) with { FieldSelector = "metadata.name=-" }, once: true, cancellationToken);
        _serverWasAway = false;
        _said = null;
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        long started = timeProvider.GetTimestamp();
        bool heard = false;
        // At "0" the server begins with objects in any order, whose versions say nothing about how far we are.
        bool inOrder = _version is not (null or "" or "0");
        await foreach (WatchEvent<TEntity> change in OpenWatch(_version, null, cancellationToken))
        {
            heard = true;
            contact.Heard();
            Take(change);
            if (inOrder || change.Type != WatchEventType.Added)
                Advance(change);
        }

        if (!heard && timeProvider.GetElapsedTime(started) < SuspiciouslyShort)
            throw new IOException("the watch ended at once and without an event");
        contact.Heard();
    }

    private IAsyncEnumerable<WatchEvent<TEntity>> OpenWatch(string? version, InitialEvents<TView>? initial, CancellationToken cancellationToken) =>
        client.WatchAsync<TEntity>(
            options.Selected(version),
            ShortestWatch * (1 + random()),
            sendInitialEvents: initial is not null,
            initial is null ? null : initial.Skipped,
            cancellationToken);

    private void Take(WatchEvent<TEntity> change)
    {
        switch (change.Type)
        {
            // A refusal inside the stream is treated as one in place of the stream.
            case WatchEventType.Error:
                throw new KubernetesException(change.Status ?? new V1Status());
            case WatchEventType.Deleted:
                store.Remove(NamespacedName.Of(change.Object!));
                break;
            case WatchEventType.Added or WatchEventType.Modified when keep(change.Object!) is { } kept:
                store.Upsert(kept);
                break;
            // It was wanted before and is no more, or never was.
            case WatchEventType.Added or WatchEventType.Modified:
                store.Remove(NamespacedName.Of(change.Object!));
                break;
        }
    }

    private void Advance(WatchEvent<TEntity> change)
    {
        if (change.Object?.ResourceVersion() is { Length: > 0 } version)
            _version = version;
    }

    /// <summary>Of a version that is yet to come the server says so only after waiting for it; it is not asked for twice.</summary>
    private void Forget(Exception failure)
    {
        if (failure is KubernetesException { IsTooLargeResourceVersion: true })
            _version = "";
    }

    /// <summary>The server was away or busy, so what we have is still a good place to go on from. A 500 may be about that place.</summary>
    private static bool CanResume(Exception failure) => failure is KubernetesException refused
        ? refused.IsTooManyRequests || refused is { IsServerError: true, Status.Code: not 500 }
        : Failure.IsUnreachable(failure);

    /// <summary>That version is gone, or (after a restore of etcd) is yet to come.</summary>
    private static bool IsExpired(Exception failure) => failure is KubernetesException { IsGone: true } or KubernetesException { IsTooLargeResourceVersion: true };

    /// <summary>
    /// An API server that was started anew knows no old versions, and its clients have waited for it long enough. One whose versions expire all the
    /// time is waited for.
    /// </summary>
    private bool MayListAtOnce()
    {
        long now = timeProvider.GetTimestamp();
        if (_listedAtOnce is { } last && timeProvider.GetElapsedTime(last, now) < BetweenListsAtOnce)
            return false;
        _listedAtOnce = now;
        return true;
    }

    /// <summary>An outage is told now and then, not with each of the attempts of every cache.</summary>
    private bool IsNews(string reason)
    {
        long now = timeProvider.GetTimestamp();
        if (reason == _said?.Reason && timeProvider.GetElapsedTime(_said.Value.At, now) < SayAgainAfter)
            return false;
        _said = (reason, now);
        return true;
    }

    private static bool IsAway(Exception failure) => Failure.IsUnreachable(failure) || failure is KubernetesException { IsServerError: true };

    private async Task WaitAsync(Exception failure, bool away, CancellationToken cancellationToken)
    {
        _serverWasAway |= IsAway(failure);
        TimeSpan? asked = (failure as KubernetesException)?.RetryAfter;
        TimeSpan delay = failure switch
        {
            _ when away => _backoff.WhileAway(),
            KubernetesException { IsTooManyRequests: true } when asked is { } when => _backoff.WhenAsked(when),
            _ => _backoff.Next(),
        };
        if (asked > delay)
            delay = asked.Value;
        contact.Failed(failure);
        string reason = Failure.Describe(failure);
        if (IsNews(reason))
        {
            if (Failure.IsUnreachable(failure))
                logger.Unreachable(client.Host, reason, delay.TotalSeconds);
            else
                logger.CannotFollow(_kind, reason, delay.TotalSeconds);
        }

        await Task.Delay(delay, timeProvider, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
