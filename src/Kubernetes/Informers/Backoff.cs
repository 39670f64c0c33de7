namespace GpuMem.Kubernetes.Informers;

/// <summary>Growing waits between failures, starting over after two good minutes. The numbers are those of client-go's reflector.</summary>
internal sealed class Backoff(TimeProvider timeProvider, Func<double> random)
{
    private static readonly TimeSpan Away = TimeSpan.FromSeconds(0.4);
    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Healthy = TimeSpan.FromMinutes(2);

    // client-go's, for one call.
    private const int MostAsked = 10;

    private TimeSpan _next = First;
    private int _asked;
    private long _last;

    /// <summary>
    /// For a server that is not there or not itself. Does not grow: knocking costs it little, and one that is back should not be kept waiting.
    /// </summary>
    internal TimeSpan WhileAway() => Away * (1 + random());

    /// <summary>The server has answered: what went wrong before is over.</summary>
    internal void Reset() => _next = First;

    /// <summary>
    /// When the server says, ten times in a row, and then ever later: one that has just started refuses for some seconds ("storage is
    /// (re)initializing"), one that is overloaded for longer.
    /// </summary>
    internal TimeSpan WhenAsked(TimeSpan asked)
    {
        StartOverAfterGoodTimes();
        return ++_asked <= MostAsked ? asked + (Away * random()) : Next();
    }

    /// <summary>Between the current delay and twice it, so that clients that failed together do not return together.</summary>
    internal TimeSpan Next()
    {
        StartOverAfterGoodTimes();
        TimeSpan delay = _next;
        _next = delay * 2 < Longest ? delay * 2 : Longest;
        return delay * (1 + random());
    }

    private void StartOverAfterGoodTimes()
    {
        long now = timeProvider.GetTimestamp();
        if (_last != 0 && timeProvider.GetElapsedTime(_last, now) > _next + Healthy)
            (_next, _asked) = (First, 0);
        _last = now;
    }
}
