using Polly;

namespace GpuMem.Kubernetes.Events;

/// <summary>
/// Creates an event the first time, makes it a series the second, and then only counts, telling the count now and then:
/// the rules and times of client-go's tools/events/event_broadcaster.go.
/// </summary>
internal sealed class EventSender(
    IKubernetesClient client, string reportingController, string reportingInstance, ILogger logger, TimeProvider timeProvider, Func<double> random)
{
    private static readonly TimeSpan RefreshAfter = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan FinishAfter = TimeSpan.FromMinutes(6);
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMinutes(1);

    // A cluster-scoped object's events live here.
    private const string DefaultNamespace = "default";
    private const int MaxName = 253;

    private readonly Dictionary<EventKey, EventSeries> _series = [];
    private readonly SimilarEvents _similar = new(timeProvider);
    private readonly EventBudget _budget = new(timeProvider);
    private readonly ResiliencePipeline _retry = EventRetry.Create(timeProvider, random);
    private readonly Lock _gate = new();

    /// <summary>False when too many about its object came before it.</summary>
    internal async Task<bool> SendAsync(EventKey key, string note, CancellationToken cancellationToken)
    {
        EventSeries? again;
        lock (_gate)
        {
            (key, note) = _similar.Combine(key, note);
            if (_series.TryGetValue(key, out again))
                again.Again(Utf8Text.Cut(note, EventRecorder.MaxNote), timeProvider.GetTimestamp(), timeProvider.GetUtcNow());
            if (again is { CountSent: > 1 })
                return true;
            if (!_budget.TryTake(key.Regarding))
                return false;
        }

        if (again is null)
            await CreateAsync(key, Utf8Text.Cut(note, EventRecorder.MaxNote), cancellationToken);
        else
            await PatchAsync(again, cancellationToken);
        return true;
    }

    internal async Task RefreshSeriesAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(SweepPeriod, timeProvider);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            foreach (EventSeries series in Sweep())
                await PatchAsync(series, cancellationToken);
        }
    }

    /// <summary>Forgets what has gone silent; returns those whose count should be told.</summary>
    private List<EventSeries> Sweep()
    {
        List<EventSeries> stale = [];
        lock (_gate)
        {
            _similar.ForgetOld();
            _budget.ForgetFull();
            foreach ((EventKey key, EventSeries series) in _series)
            {
                bool finished = timeProvider.GetElapsedTime(series.LastSeen) >= FinishAfter;
                if (finished)
                    _series.Remove(key);
                if (series.Count > series.CountSent && (finished || timeProvider.GetElapsedTime(series.LastSent) >= RefreshAfter))
                    stale.Add(series);
            }
        }

        return stale;
    }

    private async Task CreateAsync(EventKey key, string note, CancellationToken cancellationToken)
    {
        EventSeries first = new(key, timeProvider.GetUtcNow(), timeProvider.GetTimestamp());
        Eventsv1Event created = Event(first, note);
        if (!await TryAsync(key, () => client.CreateAsync(created, cancellationToken), cancellationToken))
            return;
        lock (_gate)
            _series[key] = first;
    }

    private async Task PatchAsync(EventSeries series, CancellationToken cancellationToken)
    {
        Eventsv1EventSeries told = new() { Count = series.Count, LastObservedTime = series.LastSeenAt.UtcDateTime };
        if (!await TryAsync(series.Key, () => PatchOrCreateAsync(series, told, cancellationToken), cancellationToken))
            return;
        series.CountSent = told.Count;
        series.LastSent = timeProvider.GetTimestamp();
    }

    // Events are deleted after an hour; one that still goes on is then written anew.
    private async Task PatchOrCreateAsync(EventSeries series, Eventsv1EventSeries told, CancellationToken cancellationToken)
    {
        Eventsv1Event whole = Event(series, series.Note);
        whole.Series = told;
        try
        {
            await client.PatchAsync<Eventsv1Event>(whole.Name()!, whole.Namespace(), Patch(told), cancellationToken: cancellationToken);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            await client.CreateAsync(whole, cancellationToken);
        }
    }

    private static V1Patch Patch(Eventsv1EventSeries told)
    {
        JsonNode? series = JsonSerializer.SerializeToNode(told, KubernetesJson.Default.WriteInfo<Eventsv1EventSeries>());
        return new V1Patch(new JsonObject { ["series"] = series }.ToJsonString(), V1Patch.PatchType.MergePatch);
    }

    private Eventsv1Event Event(EventSeries series, string? note) => new()
    {
        Metadata = new V1ObjectMeta { Name = NameOf(series), NamespaceProperty = series.Key.Regarding.NamespaceProperty ?? DefaultNamespace },
        EventTime = series.Began.UtcDateTime,
        Type = series.Key.Type.ToString(),
        Reason = series.Key.Reason,
        Action = series.Key.Action,
        Note = note,
        Regarding = series.Key.Regarding,
        ReportingController = reportingController,
        ReportingInstance = reportingInstance,
    };

    private static string NameOf(EventSeries series)
    {
        string suffix = $".{series.Id:N}";
        string name = series.Key.Regarding.Name ?? "";
        return string.Concat(name.AsSpan(0, Math.Min(name.Length, MaxName - suffix.Length)), suffix);
    }

    private async Task<bool> TryAsync(EventKey about, Func<Task> send, CancellationToken cancellationToken)
    {
        try
        {
            await _retry.ExecuteAsync(async _ => await send(), cancellationToken);
            return true;
        }
        catch (KubernetesException repeated) when (repeated.IsAlreadyExists)
        {
            // Its name is ours alone, so it was an earlier attempt of ours that arrived and whose answer did not.
            return true;
        }
        // An event that cannot be written is a pity, never a reason to stop writing others.
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.EventLost(about.Reason, about.Regarding.Kind ?? "", failure.Message);
            return false;
        }
    }
}
