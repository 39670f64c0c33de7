namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>Who runs for the lease, and how patiently. The times are those of controller-runtime.</summary>
public sealed record LeaderElectionConfig(LeaseLock Lock)
{
    /// <summary>How long others wait after our last sign of life.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long we try to renew before we step down.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);
}
