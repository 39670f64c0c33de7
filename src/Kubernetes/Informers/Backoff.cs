namespace GpuMem.Kubernetes.Informers;

/// <summary>Growing waits between failures, starting over after two good minutes. The numbers are those of client-go's reflector.</summary>
internal sealed class Backoff(TimeProvider timeProvider, Func<double> random)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    private TimeSpan _next = First;
    private long _last;

    /// <summary>
    /// For a server that is not there or not itself. Does not grow: knocking costs it little, and one that is back should not be kept waiting.
    /// </summary>
    internal TimeSpan WhileAway() => Away * (1 + random());

    /// <summary>The server has answered: what went wrong before is over.</summary>
    internal void Reset() => _next = First;

    /// <summary>Between the current delay and twice it, so that clients that failed together do not return together.</summary>
    internal TimeSpan Next()
    {
        long now = timeProvider.GetTimestamp();
        if (_last != 0 && timeProvider.GetElapsedTime(_last, now) > _next + Healthy)
            _next = First;
        _last = now;
        TimeSpan delay = _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay * (1 + random());
    }
}
