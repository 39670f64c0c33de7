namespace GpuMem.Kubernetes.LeaderElection;

/// <summary>The lease object that candidates compete for.</summary>
public sealed class LeaseLock(IKubernetesClient client, string ns, string name, string? identity = null)
{
    /// <summary>Unique per process: two processes on one host must not take each other for themselves.</summary>
    public string Identity { get; } = identity ?? $"{Environment.MachineName}_{Guid.NewGuid():N}";

    internal string Name => name;

    internal Task<V1Lease?> GetAsync(CancellationToken cancellationToken) => client.GetAsync<V1Lease>(name, ns, cancellationToken);

    internal Task<V1Lease> CreateAsync(V1LeaseSpec spec, CancellationToken cancellationToken) =>
        client.CreateAsync(new V1Lease { Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = ns }, Spec = spec }, cancellationToken);

    /// <summary>Succeeds only if nobody has changed the lease since <paramref name="seen"/> was read.</summary>
    internal Task<V1Lease> UpdateAsync(V1Lease seen, V1LeaseSpec spec, CancellationToken cancellationToken) =>
        client.UpdateAsync(new V1Lease { Metadata = seen.Metadata, Spec = spec }, cancellationToken);

    public override string ToString() => $"{ns}/{name}";
}
