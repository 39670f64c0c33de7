namespace GpuMem.Kubernetes.Events;

/// <summary>An event that was sent, and how often it came since.</summary>
internal sealed class EventSeries(EventKey key, DateTimeOffset began, long now)
{
    internal EventKey Key { get; } = key;

    /// <summary>Makes the event's name unlike any other.</summary>
    internal Guid Id { get; } = Guid.NewGuid();

    internal DateTimeOffset Began { get; } = began;

    /// <summary>Kept only of what repeats, to write it anew should the API server have forgotten it: most events come once.</summary>
    internal string? Note { get; private set; }

    internal int Count { get; private set; } = 1;

    internal int CountSent { get; set; } = 1;

    internal long LastSeen { get; private set; } = now;

    internal long LastSent { get; set; } = now;

    internal DateTimeOffset LastSeenAt { get; private set; } = began;

    internal void Again(string note, long now, DateTimeOffset at)
    {
        Note = note;
        Count++;
        LastSeen = now;
        LastSeenAt = at;
    }
}
