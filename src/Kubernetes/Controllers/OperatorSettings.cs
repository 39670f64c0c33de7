namespace GpuMem.Kubernetes.Controllers;

/// <summary>How an operator runs.</summary>
public sealed record OperatorSettings
{
    /// <summary>The lease that replicas compete for, so that only one acts; null: this is the only one.</summary>
    public Func<IKubernetesClient, LeaderElectionConfig>? LeaderElection { get; init; }
}
