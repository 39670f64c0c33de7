using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>Our own CA and the serving certificate it signed, as PEM: what the Secret holds and the API server is told to trust.</summary>
public sealed record CertificatePair
{
    private static readonly TimeSpan CaLifetime = TimeSpan.FromDays(3650);

    private static readonly TimeSpan ServingLifetime = TimeSpan.FromDays(365);

    /// <summary>A certificate that lives less than this is made again.</summary>
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(120);

    public required string CaCertificate { get; init; }

    public required string CaKey { get; init; }

    public required string Certificate { get; init; }

    public required string Key { get; init; }

    public static CertificatePair Create(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=gpumem-webhook-ca", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        caRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        caRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(caRequest.PublicKey, false));
        // An hour back: the API server's clock may be behind ours.
        var notBefore = now.AddHours(-1);
        using var ca = caRequest.CreateSelfSigned(notBefore, notBefore + CaLifetime);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        request.CertificateExtensions.Add(AlternativeNames(hosts));
        using var certificate = request.Create(ca, notBefore, notBefore + ServingLifetime, RandomNumberGenerator.GetBytes(16));
        return new CertificatePair
        {
            CaCertificate = ca.ExportCertificatePem(),
            CaKey = caKey.ExportPkcs8PrivateKeyPem(),
            Certificate = certificate.ExportCertificatePem(),
            Key = key.ExportPkcs8PrivateKeyPem(),
        };
    }

    /// <summary>It can be served: key and certificate belong together, the CA signed it, it covers <paramref name="hosts"/> and lives long enough.</summary>
    public bool IsUsable(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        try
        {
            using var ca = X509Certificate2.CreateFromPem(CaCertificate);
            using var certificate = X509Certificate2.CreateFromPem(Certificate, Key);
            return certificate.NotBefore <= now && certificate.NotAfter - RenewBefore > now && ca.NotAfter - RenewBefore > now
                && certificate.IssuerName.RawData.SequenceEqual(ca.SubjectName.RawData)
                && hosts.All(host => certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false));
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The serving certificate with its private key, for Kestrel.</summary>
    public X509Certificate2 ToServingCertificate()
    {
        using var pem = X509Certificate2.CreateFromPem(Certificate, Key);
        // A key read from PEM is ephemeral, which TLS stacks on some platforms refuse.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }

    private static X509Extension AlternativeNames(IReadOnlyList<string> hosts)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts)
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        return names.Build();
    }
}
