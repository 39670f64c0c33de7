using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>Our own CA and the serving certificate it signed, as PEM: what the Secret holds and the API server is told to trust.</summary>
public sealed record CertificatePair
{
    /// <summary>The CA that signs, and behind it, for a while, the one before it.</summary>
    public required string CaCertificates { get; init; }

    public required string CaKey { get; init; }

    public required string Certificate { get; init; }

    public required string Key { get; init; }

    /// <summary>A new CA and a certificate that it signed.</summary>
    /// <param name="profile">What they are like.</param>
    /// <param name="now">The time.</param>
    /// <param name="trusted">The CAs so far, which stay trusted while replicas change over one by one.</param>
    public static CertificatePair Create(CertificateProfile profile, DateTimeOffset now, params IEnumerable<string> trusted)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=gpumem-webhook-ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var notBefore = profile.NotBefore(now);
        using var ca = request.CreateSelfSigned(notBefore, notBefore + profile.AuthorityLifetime);
        return Issue(ca, key, Authorities.Join(ca, now, trusted), profile, now);
    }

    /// <summary>
    /// What takes the place of this pair: itself while it can be served and nothing of it is due. While its CA lives long enough that signs the
    /// next one, too, and what trusts it goes on doing so.
    /// </summary>
    /// <param name="profile">What it has to be like.</param>
    /// <param name="now">The time.</param>
    /// <param name="trusted">Further CAs that stay trusted beside a new one.</param>
    public CertificatePair Next(CertificateProfile profile, DateTimeOffset now, params IEnumerable<string> trusted)
    {
        if (IsUsable(profile, now))
            return WithoutOutlived(profile, now);
        try
        {
            using var ca = X509Certificate2.CreateFromPem(CaCertificates, CaKey);
            using var key = ca.GetECDsaPrivateKey();
            return key is not null && ca.Begin() <= now && !IsDue(ca, now) ? Issue(ca, key, CaCertificates, profile, now) : Create(profile, now, [CaCertificates, .. trusted]);
        }
        catch (Exception error) when (IsAboutThePem(error))
        {
            return Create(profile, now, [CaCertificates, .. trusted]);
        }
    }

    /// <summary>It can be served: key and certificate belong together, a CA of it signed it, it covers the hosts and less than two thirds of its life are over.</summary>
    public bool IsUsable(CertificateProfile profile, DateTimeOffset now)
    {
        try
        {
            using var certificate = X509Certificate2.CreateFromPem(Certificate, Key);
            return Authorities.Read(CaCertificates) is { Count: > 0 } authorities
                && IsSignedBy(authorities, certificate, now) && !IsDue(certificate, now) && !IsDue(authorities[0], now)
                && profile.Hosts.All(host => certificate.MatchesHostname(host, allowWildcards: false, allowCommonName: false));
        }
        catch (Exception error) when (IsAboutThePem(error))
        {
            return false;
        }
    }

    /// <summary>Whoever trusts the CAs of the other one accepts this certificate.</summary>
    public bool IsTrustedLike(CertificatePair other, DateTimeOffset now)
    {
        using var certificate = X509Certificate2.CreateFromPem(Certificate);
        return IsSignedBy(Authorities.Read(other.CaCertificates), certificate, now);
    }

    private CertificatePair WithoutOutlived(CertificateProfile profile, DateTimeOffset now)
    {
        var authorities = Authorities.Read(CaCertificates);
        if (authorities.Count == 1 || now < authorities[0].Begin() + profile.Overlap)
            return this;
        var alone = this with { CaCertificates = authorities[0].ExportCertificatePem() };
        return alone.IsUsable(profile, now) ? alone : this;
    }

    private static CertificatePair Issue(X509Certificate2 ca, ECDsa caKey, string authorities, CertificateProfile profile, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={profile.Hosts[0]}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        request.CertificateExtensions.Add(AlternativeNames(profile.Hosts));
        var notBefore = profile.NotBefore(now);
        // Not before its CA, nor after it.
        var begin = notBefore < ca.Begin() ? ca.Begin() : notBefore;
        var end = notBefore + profile.Lifetime > ca.End() ? ca.End() : notBefore + profile.Lifetime;
        using var certificate = request.Create(ca, begin, end, RandomNumberGenerator.GetBytes(16));
        return new CertificatePair
        {
            CaCertificates = authorities,
            CaKey = caKey.ExportPkcs8PrivateKeyPem(),
            Certificate = certificate.ExportCertificatePem(),
            Key = key.ExportPkcs8PrivateKeyPem(),
        };
    }

    /// <summary>Not a certificate or key (the first), or not that certificate's key (the second).</summary>
    private static bool IsAboutThePem(Exception error) => error is CryptographicException or ArgumentException;

    /// <summary>Two thirds of its life are over.</summary>
    private static bool IsDue(X509Certificate2 certificate, DateTimeOffset now) => now >= certificate.Begin() + (certificate.End() - certificate.Begin()) * 2 / 3;

    private static bool IsSignedBy(X509Certificate2Collection authorities, X509Certificate2 certificate, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
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
