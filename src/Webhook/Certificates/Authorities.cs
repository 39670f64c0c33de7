using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GpuMem.Webhook.Certificates;

/// <summary>The CAs that the API server is told to trust, as PEM, one behind the other.</summary>
internal static class Authorities
{
    /// <summary>Enough for two changes in a row; a bundle is sent with every read of a webhook configuration.</summary>
    private const int MostBefore = 2;

    /// <summary>The CA, and behind it those of <paramref name="before"/> that are still valid.</summary>
    public static string Join(X509Certificate2 current, DateTimeOffset now, params IEnumerable<string> before)
    {
        var old = before.SelectMany(Read).Where(authority => authority.End() > now && authority.Thumbprint != current.Thumbprint).DistinctBy(authority => authority.Thumbprint);
        return string.Join('\n', new[] { current }.Concat(old.Take(MostBefore)).Select(authority => authority.ExportCertificatePem()));
    }

    /// <summary>None when it is no list of certificates.</summary>
    public static X509Certificate2Collection Read(string pem)
    {
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            found.Clear();
        }
        return found;
    }
}
