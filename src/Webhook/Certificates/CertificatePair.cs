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

    /// <summary>A new CA and a certificate that it signed.</summary>
    public static CertificatePair Create(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpumem-webhook-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var notBefore = NotBefore(now);
        using var ca = request.CreateSelfSigned(notBefore, notBefore + CaLifetime);
        return Issue(ca, key, hosts, now);
    }

    /// <summary>
    /// The successor of this pair. While the CA lives long enough it signs that too: what trusts it goes on doing so, and replicas may change
    /// over one by one.
    /// </summary>
    public CertificatePair Renew(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        try
        {
            using var ca = X509Certificate2.CreateFromPem(CaCertificate, CaKey);
            using var key = ca.GetECDsaPrivateKey();
            return key is not null && new DateTimeOffset(ca.NotBefore) <= NotBefore(now) && new DateTimeOffset(ca.NotAfter) - ServingLifetime > now ? Issue(ca, key, hosts, now) : Create(hosts, now);
        }
        catch (Exception error) when (IsAboutThePem(error))
        {
            return Create(hosts, now);
        }
    }

    /// <summary>It can be served: key and certificate belong together, the CA signed it, it covers <paramref name="hosts"/> and lives long enough.</summary>
    public bool IsUsable(IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        try
        {
            using var ca = X509Certificate2.CreateFromPem(CaCertificate);
            using var certificate = X509Certificate2.CreateFromPem(Certificate, Key);
            return IsSignedBy(ca, certificate, now)
                && new DateTimeOffset(certificate.NotAfter) - RenewBefore > now && new DateTimeOffset(ca.NotAfter) - RenewBefore > now
                && hosts.All(host => certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false));
        }
        catch (Exception error) when (IsAboutThePem(error))
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

    private static CertificatePair Issue(X509Certificate2 ca, ECDsa caKey, IReadOnlyList<string> hosts, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={hosts[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        request.CertificateExtensions.Add(AlternativeNames(hosts));
        var notBefore = NotBefore(now);
        using var certificate = request.Create(ca, notBefore, notBefore + ServingLifetime, RandomNumberGenerator.GetBytes(16));
        return new CertificatePair
        {
            CaCertificate = ca.ExportCertificatePem(),
            CaKey = caKey.ExportPkcs8PrivateKeyPem(),
            Certificate = certificate.ExportCertificatePem(),
            Key = key.ExportPkcs8PrivateKeyPem(),
        };
    }

    /// <summary>Not a certificate or key (the first), or not that certificate's key (the second).</summary>
    private static bool IsAboutThePem(Exception error) => error is CryptographicException or ArgumentException;

    /// <summary>An hour back: the API server's clock may be behind ours.</summary>
    private static DateTimeOffset NotBefore(DateTimeOffset now) => now.AddHours(-1);

    private static bool IsSignedBy(X509Certificate2 ca, X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(ca);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
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
