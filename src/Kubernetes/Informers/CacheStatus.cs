using System.Globalization;

namespace GpuMem.Kubernetes.Informers;

/// <summary>How it stands with the cache of one kind, for <c>/readyz</c>.</summary>
public sealed record CacheStatus(string Name, bool HasSynced, DateTimeOffset? LastContact, Exception? LastError)
{
    /// <summary>One line: whether it is filled, when the API server was last heard, and what has gone wrong since, e.g. the right that is missing.</summary>
    public string Describe(DateTimeOffset now)
    {
        string heard = LastContact is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"the API server was heard {Math.Max(0, (now - last).TotalSeconds):0} s ago")
            : "the API server has not answered";
        string line = $"{(HasSynced ? "[+]" : "[-] waiting for")} {Name}: {heard}";
        // One line each, whatever a server or a proxy wrote.
        return LastError is { } error ? $"{line}; {string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))}" : line;
    }
}
