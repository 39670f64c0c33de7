using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>The certificate that new connections are answered with; none until it has been read or made.</summary>
public sealed class ServingCertificate
{
    private volatile SslStreamCertificateContext? _current;

    private string? _used;

    public X509Certificate2? Current => _current?.TargetCertificate;

    /// <summary>
    /// A certificate and its key, with the certificates between it and its CA behind it. The one before is left to the connections that have it.
    /// </summary>
    /// <exception cref="CryptographicException">One of them is none.</exception>
    /// <exception cref="ArgumentException">The key is not the certificate's.</exception>
    public void Use(string certificate, string key)
    {
        if (certificate + key == _used)
            return;
        X509Certificate2Collection chain = [];
        chain.ImportFromPem(certificate);
        using var pem = X509Certificate2.CreateFromPem(certificate, key);
        // A key read from PEM is ephemeral, which TLS stacks on some platforms refuse.
        var serving = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        // Made once, not for each handshake, and never with a look at what the network has.
        _current = SslStreamCertificateContext.Create(serving, chain, offline: true);
        _used = certificate + key;
        WebhookMeter.CertificateEnds.Record(serving.End().ToUnixTimeSeconds());
    }

    /// <summary>How to shake hands with the next client.</summary>
    /// <param name="clients">Who may be one; null for anybody.</param>
    public SslServerAuthenticationOptions ForHandshake(ClientAuthorities? clients = null)
    {
        var handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = _current ?? throw new AuthenticationException("there is no certificate yet"),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        clients?.Demand(handshake);
        return handshake;
    }
}
