using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>
/// Which clients may ask the webhook: those with a certificate for clients that one of the CAs in a file has signed and, where names are given, that is
/// made out to one of them. An API server shows the one that its AdmissionConfiguration names
/// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#authenticate-apiservers).
/// </summary>
public sealed class ClientAuthorities
{
    private const string ForClients = "1.3.6.1.5.5.7.3.2";

    private readonly string _file;

    private readonly IReadOnlyList<string> _names;

    private volatile Trusted _trusted;

    /// <param name="file">PEM certificates of the CAs. Read again for new connections: who renews a CA lets both stand in it for a while.</param>
    /// <param name="names">Common names that are let in; none for all.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">As before.</exception>
    /// <exception cref="InvalidDataException">It has no certificate.</exception>
    public ClientAuthorities(string file, IReadOnlyList<string> names)
    {
        (_file, _names) = (file, names);
        _trusted = Trusted.Read(file, File.ReadAllText(file));
    }

    /// <summary>Makes a handshake end where the client shows no certificate that is let in.</summary>
    public void Demand(SslServerAuthenticationOptions handshake)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(Newest().Certificates);
        policy.ApplicationPolicy.Add(new Oid(ForClients));
        handshake.ClientCertificateRequired = true;
        handshake.CertificateChainPolicy = policy;
        handshake.RemoteCertificateValidationCallback = (_, certificate, _, errors) => errors == SslPolicyErrors.None && certificate is X509Certificate2 shown && IsNamed(shown);
    }

    private bool IsNamed(X509Certificate2 certificate) => _names.Count == 0 || _names.Contains(certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), StringComparer.Ordinal);

    /// <summary>A file that is being replaced, or was replaced by nonsense, leaves those trusted that were.</summary>
    private Trusted Newest()
    {
        var trusted = _trusted;
        try
        {
            var text = File.ReadAllText(_file);
            if (text != trusted.Text)
                _trusted = trusted = Trusted.Read(_file, text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
        }
        return trusted;
    }

    private sealed record Trusted(string Text, X509Certificate2Collection Certificates)
    {
        public static Trusted Read(string file, string text)
        {
            X509Certificate2Collection certificates = [];
            try
            {
                certificates.ImportFromPem(text);
            }
            catch (CryptographicException)
            {
                certificates.Clear();
            }
            return certificates.Count > 0 ? new(text, certificates) : throw new InvalidDataException($"{file} has no PEM certificate of a CA that signs those of API servers");
        }
    }
}
