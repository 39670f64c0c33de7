namespace GpuMem.Kubernetes.LeaderElection;

#pragma warning disable CS9113
/// <summary>The lease object that candidates compete for.</summary>
public sealed class LeaseLock(IKubernetesClient client, string ns, string name, string? identity = null)
{
    /// <summary>Unique per process: two processes on one host must not take each other for themselves.</summary>
    public string Identity { get; } = identity ?? $"{Environment.MachineName}_{Guid.NewGuid():N}";
}
#pragma warning restore CS9113
