using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GpuMem.Webhook.Tests.Support;

namespace GpuMem.Webhook.Tests.Hosting;

/// <summary>The real listener, asked as an API server asks that trusts our CA and nothing else.</summary>
public sealed class ListenerTests : IAsyncLifetime
{
    private const string Service = "gpumem-webhook.gpumem-system.svc";

    private readonly InMemoryApi _api = new();

    private RunningHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RunningHost.StartAsync(_api);
        await _host.WaitForAsync("/readyz", answer => answer.Status == 200);
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_review_is_answered_over_TLS_by_the_name_of_the_service()
    {
        using var http = Client();
        using var answer = await PostAsync(http, Bytes(Review.OfPod(Review.Pod(null))));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(Review.Uid, await answer.Content.ReadAsStringAsync());
        Assert.Empty(answer.Headers.Server);
    }

    [Fact]
    public async Task Metrics_are_told_on_the_port_of_the_probes_and_not_on_that_of_the_API_server()
    {
        Assert.Contains("process_start_time_seconds ", (await _host.ProbeAsync("/metrics")).Text, StringComparison.Ordinal);
        Assert.Contains("workqueue_depth{name=\"trainingjob\"} ", (await _host.ProbeAsync("/metrics")).Text, StringComparison.Ordinal);
        using var http = Client();
        using var answer = await http.GetAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("gpumem-webhook.other.svc")]
    [InlineData("localhost")]
    public async Task A_client_that_expects_another_name_refuses_us(string name) =>
        await Assert.ThrowsAsync<AuthenticationException>(() => ConnectAsync(name));

    [Fact]
    public async Task A_client_that_does_not_know_our_CA_refuses_us()
    {
        using var foreign = X509Certificate2.CreateFromPem(Webhook.Certificates.CertificatePair.Create(new([Service], TimeSpan.FromDays(1)), DateTimeOffset.UtcNow).CaCertificates);
        await Assert.ThrowsAsync<AuthenticationException>(() => ConnectAsync(Service, authority: foreign));
    }

    [Trait("Fault", "C39")]
    [Fact]
    public async Task Only_HTTP_1_is_spoken()
    {
        await using var both = await ConnectAsync(Service, protocols: [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11]);
        Assert.Equal(SslApplicationProtocol.Http11, both.NegotiatedApplicationProtocol);
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(Service, protocols: [SslApplicationProtocol.Http2]));
    }

    [Trait("Fault", "C26")]
    [Fact]
    public async Task TLS_1_2_and_1_3_are_spoken()
    {
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
        {
            await using var stream = await ConnectAsync(Service, version: version);
            Assert.Equal(version, stream.SslProtocol);
        }
    }

    [Trait("Fault", "C26")]
    [Fact]
    public async Task TLS_1_1_is_not()
    {
#pragma warning disable SYSLIB0039, CA5397 // To be refused is the point.
        await Assert.ThrowsAnyAsync<Exception>(() => ConnectAsync(Service, version: SslProtocols.Tls11));
#pragma warning restore SYSLIB0039, CA5397
    }

    [Trait("Fault", "C33")]
    [Fact]
    public async Task The_largest_legal_update_is_answered()
    {
        using var http = Client();
        var part = new string('x', 3 << 20);
        var pod = $$$"""{"metadata": {"annotations": {"a": "{{{part}}}"} } }""";
        using var answer = await PostAsync(http, Bytes(Review.OfPod(pod, "UPDATE", pod)));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_byte_more_than_seven_MiB_gets_a_413_whether_or_not_its_length_is_told(bool chunked)
    {
        using var http = Client();
        http.DefaultRequestHeaders.ExpectContinue = true;
        using var answer = await PostAsync(http, new byte[(7 << 20) + 1], chunked);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("7 MiB", await answer.Content.ReadAsStringAsync());
    }

    [Trait("Fault", "C37")]
    [Theory]
    [InlineData("POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /validate-pod HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n")]
    [InlineData("POST /validate-pod HTTP/1.1\r\nContent-Type: application/json\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    [InlineData("hello\r\n\r\n")]
    public async Task Requests_that_break_the_protocol_get_a_4xx_or_a_505(string request)
    {
        await using var stream = await ConnectAsync(Service);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream);
        Assert.Matches(@"^HTTP/1\.1 (4\d\d|505) ", await reader.ReadLineAsync());
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private X509Certificate2 Authority() => X509Certificate2.CreateFromPem(
        Encoding.ASCII.GetString(Convert.FromBase64String((string)_api.Raw<V1Secret>("gpumem-webhook-certs", "gpumem-system")!["data"]!["ca.crt"]!)));

    private HttpClient Client() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) => await ConnectAsync(Service, cancellationToken: cancellationToken),
    })
    {
        // The stream that the callback returns speaks TLS already.
        BaseAddress = new Uri($"http://{Service}"),
    };

    private static async Task<HttpResponseMessage> PostAsync(HttpClient http, byte[] body, bool chunked = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/validate-pod") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TransferEncodingChunked = chunked;
        return await http.SendAsync(request);
    }

    private async Task<SslStream> ConnectAsync(
        string name,
        X509Certificate2? authority = null,
        List<SslApplicationProtocol>? protocols = null,
        SslProtocols version = SslProtocols.None,
        CancellationToken cancellationToken = default)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, _host.Https.Port, cancellationToken);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = name,
                    ApplicationProtocols = protocols,
                    EnabledSslProtocols = version,
                    CertificateChainPolicy = new X509ChainPolicy
                    {
                        TrustMode = X509ChainTrustMode.CustomRootTrust,
                        CustomTrustStore = { authority ?? Authority() },
                        RevocationMode = X509RevocationMode.NoCheck,
                    },
                },
                cancellationToken);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
