namespace GpuMem.Kubernetes.Informers;

/// <summary>How it stands with the cache of one kind, for <c>/readyz</c>.</summary>
/// <param name="Name">The plural of the kind.</param>
/// <param name="HasSynced">The cache holds the whole first list.</param>
/// <param name="LastContact">When the API server was last heard; null before the first time.</param>
/// <param name="LastError">What went wrong since then; null when nothing did.</param>
/// <param name="StreamFellSilent">The stream of the list told nothing and was given up for a plain list.</param>
public sealed record CacheStatus(string Name, bool HasSynced, DateTimeOffset? LastContact, Exception? LastError, bool StreamFellSilent = false)
{
    /// <summary>One line: whether it is filled, when the API server was last heard, and what has gone wrong since, e.g. the right that is missing.</summary>
    public string Describe(DateTimeOffset now)
    {
        string heard = LastContact is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"the API server was heard {Math.Max(0, (now - last).TotalSeconds):0} s ago")
            : "the API server has not answered";
        string line = $"{(HasSynced ? "[+]" : "[-] waiting for")} {Name}: {heard}";
        if (StreamFellSilent)
            line += "; its stream of the list told nothing, so the list was asked for in one answer; does a proxy hold streams back?";
        // One line each, whatever a server or a proxy wrote.
        return LastError is { } error ? $"{line}; {string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}" : line;
    }
}
