namespace GpuMem.Kubernetes;

/// <summary>Where our token or client certificate comes from.</summary>
public interface IClientCredentials
{
    /// <param name="refresh">The last one was refused: get another if possible.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ClientCredential> GetAsync(bool refresh, CancellationToken cancellationToken);
}

/// <summary>A token, a certificate, both, or (neither) nobody. Its text form shows neither.</summary>
public sealed class ClientCredential
{
    public string? Token { get; init; }

    public X509Certificate2? Certificate { get; init; }

    public override string ToString() => $"token: {(Token is null ? "none" : "set")}, certificate: {Certificate?.Subject ?? "none"}";
}
