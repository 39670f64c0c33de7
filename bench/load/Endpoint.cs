using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GpuMem.Bench.Load;

/// <summary>An admission URL, called as kube-apiserver does: HTTP/1.1 over TLS on connections that stay open.</summary>
internal sealed class Endpoint : IDisposable
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _http;

    private readonly Uri _url;

    private int _number;

    private int _errors;

    private string? _firstError;

    /// <param name="ca">PEM of the authority to trust; null takes any certificate.</param>
    public Endpoint(Uri url, string? ca, int connections)
    {
        _url = url;
        var tls = new SslClientAuthenticationOptions();
        if (ca is null)
        {
#pragma warning disable CA5359 // Asked for: only latency is of interest.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else
        {
            tls.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            tls.CertificateChainPolicy.CustomTrustStore.ImportFromPem(ca);
        }
        _http = new(new SocketsHttpHandler
        {
            SslOptions = tls,
            MaxConnectionsPerServer = connections,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ActivityHeadersPropagator = null,
            UseCookies = false,
            UseProxy = false,
        });
    }

    public int Errors => _errors;

    /// <summary>True when the answer was the right one; whatever else happens is counted as an error.</summary>
    public async Task<bool> AskAsync(Question question)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_url, $"{question.Path}?timeout=10s")) { Version = HttpVersion.Version11 };
            request.Content = new ByteArrayContent(question.Body.Of(Interlocked.Increment(ref _number)));
            request.Content.Headers.ContentType = Json;
            using var response = await _http.SendAsync(request, CancellationToken.None);
            var answer = await response.Content.ReadAsByteArrayAsync();
            if (response.StatusCode == HttpStatusCode.OK && IsRight(question, answer))
                return true;
            return Wrong($"{question.Path}: HTTP {(int)response.StatusCode}: {Encoding.UTF8.GetString(answer)}");
        }
        catch (HttpRequestException error)
        {
            return Wrong($"{question.Path}: {error.Message}");
        }
    }

    public void Dispose() => _http.Dispose();

    private static bool IsRight(Question question, byte[] answer) => question.Allowed switch
    {
        true => answer.AsSpan().IndexOf("\"allowed\":true"u8) >= 0,
        false => answer.AsSpan().IndexOf("\"allowed\":false"u8) >= 0,
        null => answer.AsSpan().IndexOf("\"allowed\":"u8) >= 0,
    };

    private bool Wrong(string what)
    {
        Interlocked.Increment(ref _errors);
        if (Interlocked.CompareExchange(ref _firstError, what, null) is null)
            Console.Error.WriteLine($"  the first error: {what}");
        return false;
    }
}
