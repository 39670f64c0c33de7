namespace GpuMem.Kubernetes.Controllers;

/// <summary>What is done only while we lead.</summary>
public interface ILeaderTask
{
    /// <summary>Ends only when cancelled, which may be the end of one term: there may be another.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
