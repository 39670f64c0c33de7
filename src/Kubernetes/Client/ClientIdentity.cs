namespace GpuMem.Kubernetes.Client;

/// <summary>The credentials in use. Remembers the certificate, which belongs to connections rather than to calls.</summary>
internal sealed class ClientIdentity(IClientCredentials credentials)
{
    private volatile X509Certificate2? _certificate;

    internal X509Certificate2? Certificate => _certificate;

    internal async ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        ClientCredential credential = await credentials.GetAsync(refresh, cancellationToken);
        _certificate = credential.Certificate;
        return credential;
    }
}
