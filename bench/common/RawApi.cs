using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using GpuMem.Kubernetes;

namespace GpuMem.Bench.Common;

/// <summary>The API server as bytes: no models and no retries, so that the benchmark itself takes little of the machine.</summary>
internal sealed class RawApi : IDisposable
{
    private readonly HttpClient _http;

    private RawApi(HttpClient http) => _http = http;

    public static async Task<RawApi> ConnectAsync(string kubeconfig)
    {
        var configuration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig);
        var administrator = await configuration.Credentials.GetAsync(refresh: false, CancellationToken.None);
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(configuration.SslCaCerts!);
        var sockets = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = policy,
                LocalCertificateSelectionCallback = (_, _, _, _, _) => administrator.Certificate!,
            },
        };
        return new(new HttpClient(sockets)
        {
            BaseAddress = configuration.Host,
            DefaultRequestVersion = HttpVersion.Version20,
            Timeout = TimeSpan.FromMinutes(5),
        });
    }

    public async Task CreateAsync(string path, byte[] body, CancellationToken cancellationToken = default)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        await MustAsync(HttpMethod.Post, path, content, cancellationToken);
    }

    /// <summary>Server-side apply.</summary>
    public async Task ApplyAsync(string path, byte[] body, CancellationToken cancellationToken = default)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/apply-patch+yaml");
        await MustAsync(HttpMethod.Patch, $"{path}?fieldManager=bench&force=true", content, cancellationToken);
    }

    /// <summary>At once: where there is no kubelet, nobody would end a pod's grace period.</summary>
    public Task DeleteAsync(string path, CancellationToken cancellationToken = default) =>
        MustAsync(HttpMethod.Delete, $"{path}?gracePeriodSeconds=0", null, cancellationToken);

    public Task<byte[]> GetAsync(string path) => _http.GetByteArrayAsync(path);

    /// <summary>A list of nothing but metadata, which spares the API server the encoding of the rest.</summary>
    public async Task<byte[]> ListMetadataAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Version = HttpVersion.Version20 };
        request.Headers.Accept.ParseAdd("application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        using var response = await _http.SendAsync(request);
        return await response.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
    }

    public Task<Stream> StreamAsync(string path, CancellationToken cancellationToken) => _http.GetStreamAsync(path, cancellationToken);

    public void Dispose() => _http.Dispose();

    private async Task MustAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content, Version = HttpVersion.Version20 };
        using var response = await _http.SendAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{method} {path}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }
}
