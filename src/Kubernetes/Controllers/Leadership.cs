namespace GpuMem.Kubernetes.Controllers;

/// <summary>Whether we may act: while we hold the lease, or always when there is none.</summary>
internal sealed class Leadership
{
    // kube-controller-manager's.
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(20);

    private readonly LeaderElector? _elector;

    public Leadership(IKubernetesClient client, OperatorSettings settings, ILogger<LeaderElector> logger, TimeProvider timeProvider)
    {
        // The lease itself is written without a fence.
        _elector = settings.LeaderElection is { } config ? new LeaderElector(config(client), logger, timeProvider) : null;
        Client = client.Fenced(() => _elector?.IsLeader() ?? true);
    }

    /// <summary>Writes only while we may act.</summary>
    internal IKubernetesClient Client { get; }

    internal bool IsHealthy => _elector?.IsHealthy(Tolerance) ?? true;

    /// <summary>False when the lease was lost, true when we were told to stop.</summary>
    internal async Task<bool> RunAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken)
    {
        if (_elector is null)
        {
            await whileLeading(cancellationToken);
            return true;
        }

        await _elector.RunUntilLeadershipLostAsync(whileLeading, cancellationToken);
        return cancellationToken.IsCancellationRequested;
    }
}
