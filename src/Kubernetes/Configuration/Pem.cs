using System.Security.Cryptography;

namespace GpuMem.Kubernetes.Configuration;

/// <summary>PEM text that a kubeconfig holds in a file or inline as base64; <paramref name="What"/> names it in messages.</summary>
internal sealed record PemSource(string What, string? File, string? Base64)
{
    internal bool IsGiven => !string.IsNullOrEmpty(File) || !string.IsNullOrEmpty(Base64);

    // Messages name the member and the file, never the content: it may be a private key.
    internal string Read()
    {
        try
        {
            return string.IsNullOrEmpty(Base64) ? System.IO.File.ReadAllText(File!) : Encoding.UTF8.GetString(Convert.FromBase64String(Base64));
        }
        catch (FormatException)
        {
            throw new KubernetesConfigurationException($"{What}-data is not base64.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new KubernetesConfigurationException($"{What}: cannot read {File}: {unreadable.Message}", unreadable);
        }
    }
}

/// <summary>Certificates and keys.</summary>
internal static class Pem
{
    internal static X509Certificate2Collection? Authorities(PemSource source)
    {
        if (!source.IsGiven)
            return null;
        X509Certificate2Collection authorities = [];
        string pem = source.Read();
        return Parse(source.What, () =>
        {
            authorities.ImportFromPem(pem);
            return authorities.Count > 0 ? authorities : throw new CryptographicException("no certificate in it");
        });
    }

    internal static X509Certificate2 KeyPair(string what, string certificate, string key) => Parse(what, () => X509Certificate2.CreateFromPem(certificate, key));

    private static T Parse<T>(string what, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (Exception malformed) when (malformed is CryptographicException or ArgumentException)
        {
            throw new KubernetesConfigurationException($"{what} is not valid PEM: {malformed.Message}");
        }
    }
}
