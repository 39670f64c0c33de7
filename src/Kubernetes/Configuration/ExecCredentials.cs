namespace GpuMem.Kubernetes.Configuration;

/// <summary>
/// Credentials from a program such as <c>aws eks get-token</c>. However many calls need them at once, it runs once; what it says
/// is kept until it expires or is refused.
/// </summary>
internal sealed class ExecCredentials(
    ExecConfig config, string where, string directory, ClusterEntry cluster, TimeProvider timeProvider) : IClientCredentials, IDisposable
{
    // A token that expires on its way to the server is of no use.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private ClientCredential? _current;
    private DateTimeOffset? _expires;

    public async ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        ClientCredential? seen = Volatile.Read(ref _current);
        if (!refresh && seen is not null && !IsExpired())
            return seen;

        await _one.WaitAsync(cancellationToken);
        try
        {
            // Somebody else was here while we waited: what they got is newer than what was refused to us.
            if (_current is { } other && !ReferenceEquals(other, seen) && !IsExpired())
                return other;
            ExecCredentialStatus status = await ExecPlugin.RunAsync(config, where, directory, cluster, timeProvider, cancellationToken);
            _expires = status.ExpirationTimestamp;
            _current = Credential(status);
            return _current;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsExpired() => _expires is { } expires && timeProvider.GetUtcNow() >= expires - Margin;

    private ClientCredential Credential(ExecCredentialStatus status)
    {
        bool certificate = status is { ClientCertificateData.Length: > 0, ClientKeyData.Length: > 0 };
        if (!certificate && string.IsNullOrEmpty(status.Token))
            throw new KubernetesConfigurationException($"{where}: the credential plugin '{config.Command}' gave neither a token nor a certificate.");
        return new ClientCredential
        {
            Token = status.Token,
            Certificate = certificate
                ? Pem.KeyPair($"{where}: the credential plugin's certificate", status.ClientCertificateData!, status.ClientKeyData!)
                : null,
        };
    }
}
