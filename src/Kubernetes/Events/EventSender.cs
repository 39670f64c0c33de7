using System.Globalization;
using System.Text.Json.Nodes;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

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
    private readonly EventRetry _retry = new(timeProvider, random);
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
        string suffix = $".{Guid.NewGuid():N}";
        string name = key.Regarding.Name ?? "";
        Eventsv1Event created = new()
        {
            Metadata = new V1ObjectMeta
            {
                Name = string.Concat(name.AsSpan(0, Math.Min(name.Length, MaxName - suffix.Length)), suffix),
                NamespaceProperty = key.Regarding.NamespaceProperty ?? DefaultNamespace,
            },
            EventTime = timeProvider.GetUtcNow(),
            Type = key.Type.ToString(),
            Reason = key.Reason,
            Action = key.Action,
            Note = note,
            Regarding = key.Regarding,
            ReportingController = reportingController,
            ReportingInstance = reportingInstance,
        };
        if (!await TryAsync(created, () => client.CreateAsync(created, cancellationToken), cancellationToken))
            return;
        created.Note = null;
        lock (_gate)
            _series[key] = new EventSeries(created, timeProvider.GetTimestamp());
    }

    private async Task PatchAsync(EventSeries series, CancellationToken cancellationToken)
    {
        Eventsv1Event sent = series.Event;
        int count = series.Count;
        JsonObject body = new()
        {
            ["series"] = new JsonObject
            {
                ["count"] = count,
                ["lastObservedTime"] = series.LastSeenAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            },
        };
        V1Patch patch = new(body, PatchType.MergePatch);
        bool told = await TryAsync(
            sent, () => PatchOrCreateAsync(sent, patch, new Eventsv1EventSeries { Count = count, LastObservedTime = series.LastSeenAt }, cancellationToken), cancellationToken);
        if (!told)
            return;
        series.CountSent = count;
        series.LastSent = timeProvider.GetTimestamp();
    }

    // Events are deleted after an hour; one that still goes on is then written anew.
    private async Task PatchOrCreateAsync(Eventsv1Event sent, V1Patch patch, Eventsv1EventSeries series, CancellationToken cancellationToken)
    {
        try
        {
            await client.PatchAsync<Eventsv1Event>(sent.Name()!, sent.Namespace(), patch, cancellationToken);
        }
        catch (KubernetesException gone) when (gone.IsNotFound)
        {
            sent.Series = series;
            await client.CreateAsync(sent, cancellationToken);
        }
    }

    private async Task<bool> TryAsync(Eventsv1Event about, Func<Task> send, CancellationToken cancellationToken)
    {
        try
        {
            await _retry.SendAsync(send, cancellationToken);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // An event that cannot be written is a pity, never a reason to stop writing others.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            logger.EventLost(about.Reason ?? "", about.Regarding?.Kind ?? "", failure.Message);
            return false;
        }
    }
}
