using System.Net.Security;

namespace GpuMem.Kubernetes.Client;

/// <summary>How sockets to the API server are opened, trusted and kept alive.</summary>
internal static class ApiConnection
{
    internal static HttpMessageInvoker Open(KubernetesClientConfiguration configuration)
    {
        ClientIdentity identity = new(configuration.Credentials);
        CertificateHandler connections = new(identity, certificate => Sockets(configuration, certificate));
        return new HttpMessageInvoker(new AuthenticationHandler(identity, new FenceHandler(connections)));
    }

    private static SocketsHttpHandler Sockets(KubernetesClientConfiguration configuration, X509Certificate2? certificate)
    {
        SocketsHttpHandler sockets = new()
        {
            // A redirect would carry our token elsewhere.
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(10),
            EnableMultipleHttp2Connections = true,

            // A load balancer that forgets an idle watch sends nothing; pings find out (kubernetes-client/csharp#533, #884).
            KeepAlivePingDelay = TimeSpan.FromSeconds(30),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(15),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            SslOptions = Tls(configuration, certificate),
        };
        if (configuration.ProxyUrl is { } proxy)
            sockets.Proxy = Proxy(proxy);
        return sockets;
    }

    // The password goes apart from the address, which .NET shows in messages.
    private static WebProxy Proxy(Uri proxy)
    {
        UriBuilder address = new(proxy) { UserName = "", Password = "" };
        string[] user = proxy.UserInfo.Split(':', 2);
        return new WebProxy(address.Uri)
        {
            Credentials = user is [{ Length: > 0 } name, .. var rest]
                ? new NetworkCredential(Uri.UnescapeDataString(name), Uri.UnescapeDataString(rest is [var password] ? password : ""))
                : null,
        };
    }

    private static SslClientAuthenticationOptions Tls(KubernetesClientConfiguration configuration, X509Certificate2? certificate)
    {
        SslClientAuthenticationOptions tls = new()
        {
            LocalCertificateSelectionCallback = certificate is null ? null : (_, _, _, _, _) => certificate,
        };
        if (configuration.SkipTlsVerify)
        {
#pragma warning disable CA5359 // Asked for by name in the kubeconfig.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (configuration.SslCaCerts is { Count: > 0 } authorities)
        {
            // A chain policy, not a validation callback: callbacks that rebuild the chain tend to forget the host name.
            tls.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            tls.CertificateChainPolicy.ExtraStore.AddRange(authorities);
        }

        return tls;
    }
}
