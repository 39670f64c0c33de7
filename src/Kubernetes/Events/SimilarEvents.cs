namespace GpuMem.Kubernetes.Events;

/// <summary>
/// Makes one event of many that differ in little but their notes: the first nine about an object and a reason stand for themselves, further
/// ones are told as one, as in client-go's tools/record/events_cache.go. Not safe for several threads at once.
/// </summary>
internal sealed class SimilarEvents(TimeProvider timeProvider)
{
    internal const string Prefix = "(combined from similar events): ";

    /// <summary>The action of what was combined, since its parts may have had different ones.</summary>
    internal const string Action = "Combined";

    private const int Apart = 9;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private readonly Dictionary<Subject, Seen> _seen = [];

    internal (EventKey Key, string Note) Combine(EventKey key, string note)
    {
        Subject subject = new(key.Type, key.Reason, key.Regarding);
        if (!_seen.TryGetValue(subject, out Seen? seen) || IsOver(seen))
            _seen[subject] = seen = new Seen();
        seen.Last = timeProvider.GetTimestamp();
        int text = HashCode.Combine(key.Action, note);
        if (seen.Distinct.Contains(text))
            return (key, note);
        if (seen.Distinct.Count == Apart)
            return (key with { Action = Action }, Prefix + note);
        seen.Distinct.Add(text);
        return (key, note);
    }

    internal void ForgetOld()
    {
        foreach (Subject subject in _seen.Where(entry => IsOver(entry.Value)).Select(entry => entry.Key))
            _seen.Remove(subject);
    }

    private bool IsOver(Seen seen) => timeProvider.GetElapsedTime(seen.Last) > Window;

    private sealed record Subject(EventType Type, string Reason, V1ObjectReference Regarding);

    private sealed class Seen
    {
        // Hashes, for notes are long and kept for ten minutes; two that share one merely count as one.
        internal List<int> Distinct { get; } = new(1);

        internal long Last { get; set; }
    }
}
