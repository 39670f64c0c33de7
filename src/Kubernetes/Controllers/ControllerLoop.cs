namespace GpuMem.Kubernetes.Controllers;

/// <summary>Calls a controller for each object that changed, and again for those that failed.</summary>
public sealed class ControllerLoop<T>(
    Informer<T> informer, IEntityController<T> controller, ControllerOptions options, ILogger<ControllerLoop<T>> logger, TimeProvider timeProvider)
    : ILeaderTask
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private readonly string _kind = EntityMetadata.Of<T>().Kind;

#pragma warning disable CA1308 // Names in metrics are in small letters, as controller-runtime's are.
    private readonly string _name = options.Name ?? EntityMetadata.Of<T>().Kind.ToLowerInvariant();
#pragma warning restore CA1308

    private volatile WorkQueue<NamespacedName>? _queue;

    /// <summary>Asks for a reconciliation for a reason that lies outside the object, e.g. a change of a child.</summary>
    /// <remarks>Before <see cref="RunAsync"/> this does nothing: a run begins with every object there is.</remarks>
    public void Enqueue(NamespacedName name, Priority priority = Priority.Normal) => _queue?.Add(name, priority);

    /// <summary>
    /// Runs until cancelled; afterwards no call of the controller is under way and nothing is queued. Pass the leadership token.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // A queue and tombstones per run: nothing that was planned in one term of leadership is done in the next.
        using WorkQueue<NamespacedName> queue = new(timeProvider, options.Queue with { Name = _name }, group: name => name.Namespace);
        Tombstones<T> tombstones = new();
        try
        {
            ControllerMetrics.Started(_name, options.Workers);
            await WaitForCachesAsync(cancellationToken);
            _queue = queue;
            using IDisposable subscription = informer.Subscribe(change =>
            {
                tombstones.Observe(change);
                queue.Add(NamespacedName.Of(change.Entity), change.IsReplay ? Priority.Low : Priority.Normal);
            });
            await Task.WhenAll(Enumerable.Range(0, options.Workers).Select(_ => WorkAsync(queue, tombstones, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            _queue = null;
            queue.ShutDown();
        }
    }

    private async Task WaitForCachesAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(options.CacheSyncTimeout, timeProvider);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await informer.WaitForSyncAsync(either.Token);
            foreach (Func<CancellationToken, Task> ready in options.WaitFor)
                await ready(either.Token);
        }
        catch (OperationCanceledException late) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"The caches that the controller of {_kind} reads were not filled within {options.CacheSyncTimeout}: "
                + $"{informer.LastError?.Message ?? "the API server has not answered"}.",
                late);
        }
    }

    private async Task WorkAsync(WorkQueue<NamespacedName> queue, Tombstones<T> tombstones, CancellationToken cancellationToken)
    {
        await Task.Yield();
        while (await queue.GetAsync(cancellationToken) is { Value: var name })
        {
            long started = timeProvider.GetTimestamp();
            ReconcileOutcome? outcome = null;
            ControllerMetrics.Begin(_name);
            try
            {
                ReconciliationResult<T>? result = await ReconcileAsync(queue, name, tombstones, cancellationToken);
                outcome = Requeue(queue, name, result);
            }
            // One object that makes the controller throw must not stop the others.
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                logger.ReconcileFailed(failure, _kind, name, failure.Message);
                ControllerMetrics.Panicked(_name);
                outcome = ReconcileOutcome.Error;
                queue.AddRateLimited(name, AskedFor(failure));
            }
            finally
            {
                ControllerMetrics.End(_name, outcome, timeProvider.GetElapsedTime(started));
                queue.Done(name);
            }
        }
    }

    /// <summary>Null when there was nothing to do: the object came and went.</summary>
    private async Task<ReconciliationResult<T>?> ReconcileAsync(
        WorkQueue<NamespacedName> queue, NamespacedName name, Tombstones<T> tombstones, CancellationToken cancellationToken)
    {
        T? entity = informer.Store.Get(name);
        if (tombstones.Find(name) is not { } gone)
            return entity is null ? null : await controller.ReconcileAsync(entity, cancellationToken);
        ReconciliationResult<T> result = await controller.DeletedAsync(gone, cancellationToken);
        if (!result.IsSuccess && !result.IsTerminal)
            return result;
        tombstones.Bury(name, gone);
        // Another of its name has come in the meantime.
        if (entity is not null)
            queue.Add(name);
        return result;
    }

    private static TimeSpan AskedFor(Exception? failure) => failure is KubernetesException { RetryAfter: { } asked } ? asked : TimeSpan.Zero;

    private ReconcileOutcome Requeue(WorkQueue<NamespacedName> queue, NamespacedName name, ReconciliationResult<T>? result)
    {
        if (result is { IsSuccess: false })
        {
            logger.ReconcileFailed(result.Error, _kind, name, result.ErrorMessage);
            if (result.IsTerminal)
            {
                queue.Forget(name);
                return ReconcileOutcome.TerminalError;
            }

            queue.AddRateLimited(name, result.RequeueAfter ?? AskedFor(result.Error));
            return ReconcileOutcome.Error;
        }

        queue.Forget(name);
        if (result?.RequeueAfter is not { } delay)
            return ReconcileOutcome.Success;
        queue.AddAfter(name, delay);
        return ReconcileOutcome.RequeueAfter;
    }
}
