using System.Threading.Channels;

namespace GpuMem.Kubernetes.Events;

/// <summary>Takes events without waiting and hands them to a background sender.</summary>
public sealed class EventRecorder : IEventRecorder
{
    // The API server refuses longer ones.
    internal const int MaxNote = 1024;

    private const int MaxReason = 128;
    private const int Capacity = 1000;

    // A leader that finds thousands of objects to act on publishes faster than one event after the other can be written.
    private const int Lines = 4;

    private readonly Channel<(EventKey Key, string Note)>[] _waiting;

    private readonly EventSender _sender;
    private long _dropped;

    /// <summary><paramref name="random"/> gives at least 0 and less than 1, which spreads retries over time.</summary>
    public EventRecorder(
        IKubernetesClient client,
        string reportingController,
        string reportingInstance,
        ILogger logger,
        TimeProvider timeProvider,
        Func<double>? random = null,
        int lines = Lines)
    {
        _sender = new EventSender(client, reportingController, reportingInstance, logger, timeProvider, random ?? Random.Shared.NextDouble);
        _waiting = [.. Enumerable.Range(0, lines).Select(_ => Channel.CreateBounded<(EventKey, string)>(new BoundedChannelOptions(Capacity) { SingleReader = true }))];
    }

    /// <summary>Events that nobody will see, because too many came at once or about one object.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    public void Publish(IKubernetesObject<V1ObjectMeta> regarding, EventType type, string reason, string action, string note)
    {
        EventKey key = new(type, Utf8Text.Cut(action, MaxReason), Utf8Text.Cut(reason, MaxReason), Reference(regarding));
        if (!LineOf(key.Regarding).Writer.TryWrite((key, Utf8Text.Cut(note, MaxNote))))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Sends until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll([.. _waiting.Select(line => SendAsync(line.Reader, cancellationToken)), _sender.RefreshSeriesAsync(cancellationToken)]);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    /// <summary>Events about one object stay in order.</summary>
    private Channel<(EventKey Key, string Note)> LineOf(V1ObjectReference regarding) =>
        _waiting[(uint)HashCode.Combine(regarding.NamespaceProperty, regarding.Name) % _waiting.Length];

    private async Task SendAsync(ChannelReader<(EventKey, string)> line, CancellationToken cancellationToken)
    {
        await foreach ((EventKey key, string note) in line.ReadAllAsync(cancellationToken))
        {
            if (!await _sender.SendAsync(key, note, cancellationToken))
                Interlocked.Increment(ref _dropped);
        }
    }

    private static V1ObjectReference Reference(IKubernetesObject<V1ObjectMeta> entity)
    {
        EntityMetadata type = EntityMetadata.From(entity.GetType());
        return new V1ObjectReference
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = entity.Name(),
            NamespaceProperty = entity.Namespace(),
            Uid = entity.Uid(),
        };
    }
}
