using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>The times between which a certificate is valid, as points in time instead of local clocks.</summary>
internal static class Validity
{
    public static DateTimeOffset Begin(this X509Certificate2 certificate) => new(certificate.NotBefore);

    public static DateTimeOffset End(this X509Certificate2 certificate) => new(certificate.NotAfter);
}
