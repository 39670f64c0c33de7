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
    private volatile Issued? _current;

    public async ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken)
    {
        Issued? seen = _current;
        if (!refresh && IsValid(seen))
            return seen.Credential;

        await _one.WaitAsync(cancellationToken);
        try
        {
            // Somebody else was here while we waited: what they got is newer than what was refused to us.
            if (_current is { } other && !ReferenceEquals(other, seen) && IsValid(other))
                return other.Credential;
            ExecCredentialStatus status = await ExecPlugin.RunAsync(config, where, directory, cluster, timeProvider, cancellationToken);
            Issued issued = new(Credential(status), status.ExpirationTimestamp);
            _current = issued;
            return issued.Credential;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private bool IsValid([NotNullWhen(true)] Issued? issued) =>
        issued is not null && !(timeProvider.GetUtcNow() >= issued.Expires - Margin);

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

    /// <summary>One object, so that nobody sees the credential of one answer with the expiry of another.</summary>
    private sealed record Issued(ClientCredential Credential, DateTimeOffset? Expires);
}
