namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>Who runs for the lease, and how patiently. The times are those of controller-runtime.</summary>
public sealed record LeaderElectionConfig(LeaseLock Lock)
{
    /// <summary>Retries come up to this much later than the period, so that candidates do not move in step.</summary>
    internal const double JitterFactor = 1.2;

    /// <summary>How long others wait after our last sign of life.</summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long we try to renew before we step down.</summary>
    public TimeSpan RenewDeadline { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan RetryPeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <exception cref="ArgumentException">These times cannot work together, or the candidate has no name.</exception>
    internal LeaderElectionConfig Validated()
    {
        if (LeaseDuration < TimeSpan.FromSeconds(1) || RetryPeriod <= TimeSpan.Zero)
            throw new ArgumentException($"The lease must last at least 1 s and the retry period be positive, not {LeaseDuration} and {RetryPeriod}.");
        if (LeaseDuration <= RenewDeadline)
            throw new ArgumentException($"The lease ({LeaseDuration}) must last longer than the renew deadline ({RenewDeadline}).");
        if (RenewDeadline <= RetryPeriod * JitterFactor)
            throw new ArgumentException($"The renew deadline ({RenewDeadline}) must leave time for a retry ({RetryPeriod * JitterFactor}).");
        if (Lock.Identity.Length == 0)
            throw new ArgumentException("A candidate needs an identity.");
        return this;
    }
}
