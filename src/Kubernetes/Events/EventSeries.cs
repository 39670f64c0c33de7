using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Events;

/// <summary>An event that was sent, and how often it came since.</summary>
internal sealed class EventSeries(Eventsv1Event sent, long now)
{
    internal Eventsv1Event Event { get; } = sent;

    internal int Count { get; private set; } = 1;

    internal int CountSent { get; set; } = 1;

    internal long LastSeen { get; private set; } = now;

    internal long LastSent { get; set; } = now;

    internal DateTimeOffset LastSeenAt { get; private set; } = sent.EventTime ?? default;

    /// <summary>The note is kept only of what repeats, to write it anew should the API server have forgotten it: most events come once.</summary>
    internal void Again(string note, long now, DateTimeOffset at)
    {
        Event.Note = note;
        Count++;
        LastSeen = now;
        LastSeenAt = at;
    }
}
