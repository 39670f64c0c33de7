using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>The certificate that new connections are answered with; none until it has been read or made.</summary>
public sealed class ServingCertificate
{
    private volatile X509Certificate2? _current;

    private CertificatePair? _pair;

    public X509Certificate2? Current => _current;

    /// <summary>The one before is left to the connections that still shake hands with it.</summary>
    public void Use(CertificatePair pair)
    {
        if (pair == _pair)
            return;
        (_current, _pair) = (pair.ToServingCertificate(), pair);
    }
}
