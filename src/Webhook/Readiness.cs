namespace GpuMem.Webhook;

/// <summary>Whether requests may be sent here: the caches hold the cluster, a request has run through, and nobody told us to stop.</summary>
public sealed class Readiness
{
    private volatile string? _waitingFor = "the API server";

    /// <summary>What is still missing, for <c>/readyz</c>; null when ready.</summary>
    public string? WaitingFor => _waitingFor;

    public void Waiting(string what) => _waitingFor = what;

    public void Ready() => _waitingFor = null;
}
