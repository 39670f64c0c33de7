namespace GpuMem.Kubernetes;

/// <summary>Credentials that never change.</summary>
public sealed class StaticCredentials(ClientCredential credential) : IClientCredentials
{
    public ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken) => new(credential);
}
