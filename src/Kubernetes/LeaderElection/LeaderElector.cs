using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.LeaderElection;

#pragma warning disable CS9113, CA1822, CS0067, CA1003
/// <summary>Runs for a lease and keeps it.</summary>
public sealed class LeaderElector(LeaderElectionConfig config, ILogger<LeaderElector>? logger = null, TimeProvider? timeProvider = null)
{
    public event Action? OnStartedLeading;

    public event Action? OnStoppedLeading;

    public event Action<string>? OnNewLeader;

    public event Action<Exception>? OnError;

    /// <summary>We hold the lease, and not longer ago than it lasts: false at once after a pause of the process.</summary>
    public bool IsLeader() => throw new NotImplementedException();

    /// <summary>Waits for the lease, holds it, and returns when it is lost. Cancelling gives it back.</summary>
    public Task RunUntilLeadershipLostAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>
    /// The same around some work: its token ends with the leadership, and the lease is given back only after the work has ended.
    /// </summary>
    public Task RunUntilLeadershipLostAsync(Func<CancellationToken, Task> whileLeading, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}
#pragma warning restore CS9113, CA1822, CS0067, CA1003
