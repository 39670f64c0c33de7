using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GpuMem.Kubernetes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace GpuMem.TestKit.Faults;

/// <summary>The API server behind a proxy: asked as whoever the call says it is, or as the kubeconfig's user when it does not say.</summary>
internal sealed class Upstream : IDisposable
{
    private static readonly string[] OfOneHop = ["Host", "Connection", "Transfer-Encoding", "Keep-Alive", "Upgrade", "Proxy-Connection", "Content-Length"];

    private readonly Uri _host;

    private readonly HttpClient _asCaller;

    private readonly HttpClient _asUser;

    private readonly string? _token;

    private Upstream(KubernetesClientConfiguration configuration, ClientCredential user)
    {
        _host = configuration.Host;
        _token = user.Token;
        _asCaller = Client(configuration, null);
        _asUser = Client(configuration, user.Certificate);
    }

    public static async Task<Upstream> OfAsync(KubernetesClientConfiguration configuration) =>
        new(configuration, await configuration.Credentials.GetAsync(refresh: false, CancellationToken.None));

    public async Task<HttpResponseMessage> SendAsync(HttpRequest call, CancellationToken cancellationToken)
    {
        var identified = call.Headers.Authorization.Count > 0;
        using var request = new HttpRequestMessage(new HttpMethod(call.Method), new Uri(_host, call.Path + call.QueryString.Value))
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = call.ContentLength is > 0 || call.Headers.TransferEncoding.Count > 0 || (call.Protocol == "HTTP/2" && call.Method is "POST" or "PUT" or "PATCH")
                ? new StreamContent(call.Body) : null,
        };
        foreach (var (name, values) in call.Headers.Where(header => !header.Key.StartsWith(':') && !OfOneHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                request.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }
        if (!identified && _token is not null)
            request.Headers.Authorization = new("Bearer", _token);
        return await (identified ? _asCaller : _asUser).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public static void CopyHeaders(HttpResponseMessage from, HttpResponse to)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.Concat(from.Content.Headers).Where(header => !OfOneHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
            to.Headers[name] = new StringValues([.. values]);
    }

    public void Dispose()
    {
        _asCaller.Dispose();
        _asUser.Dispose();
    }

    private static HttpClient Client(KubernetesClientConfiguration configuration, X509Certificate2? certificate)
    {
        var tls = new SslClientAuthenticationOptions { TargetHost = configuration.TlsServerName };
        if (configuration.SslCaCerts is { } authorities)
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }
        if (certificate is not null)
            tls.ClientCertificates = [certificate];
        var handler = new SocketsHttpHandler { SslOptions = tls, EnableMultipleHttp2Connections = true, UseProxy = false, AllowAutoRedirect = false };
        return new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
