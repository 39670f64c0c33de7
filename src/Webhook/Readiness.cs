namespace GpuMem.Webhook;

/// <summary>Whether requests may be sent here: the caches hold the cluster, a request has run through, and nobody told us to stop.</summary>
public sealed class Readiness
{
    private readonly Lock _gate = new();

    private string? _waitingFor = "the API server";

    private bool _stopping;

    /// <summary>What is still missing, for <c>/readyz</c>; null when ready.</summary>
    public string? WaitingFor
    {
        get
        {
            lock (_gate)
                return _stopping ? "nothing: stopping" : _waitingFor;
        }
    }

    public bool IsStopping
    {
        get
        {
            lock (_gate)
                return _stopping;
        }
    }

    public void Waiting(string what) => Set(what);

    public void Ready() => Set(null);

    /// <summary>For good: a start that is still under way must not make it ready again.</summary>
    public void Stopping()
    {
        lock (_gate)
            _stopping = true;
    }

    private void Set(string? what)
    {
        lock (_gate)
            _waitingFor = what;
    }
}
