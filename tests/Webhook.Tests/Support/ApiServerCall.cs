using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace GpuMem.Webhook.Tests.Support;

/// <summary>Calls a webhook as an API server does: it trusts the caBundle of a webhook configuration, at the time of the test's clock, and nothing else.</summary>
internal sealed class ApiServerCall(InMemoryApi api, FakeTimeProvider clock)
{
    public const string Service = "gpumem-webhook.gpumem-system.svc";

    private static readonly EntityMetadata[] Configurations = [EntityMetadata.Of<V1ValidatingWebhookConfiguration>(), EntityMetadata.Of<V1MutatingWebhookConfiguration>()];

    /// <summary>The configurations as the chart leaves them: nobody is trusted yet.</summary>
    public async Task RegisterAsync()
    {
        foreach (var type in Configurations)
        {
            var webhooks = new[] { "a", "b" }.Select(name => (JsonNode)new JsonObject { ["name"] = name, ["clientConfig"] = new JsonObject() });
            await api.ApplyAsync(
                type, new JsonObject { ["metadata"] = new JsonObject { ["name"] = "gpumem" }, ["webhooks"] = new JsonArray([.. webhooks]) }, "helm", force: true, CancellationToken.None);
        }
    }

    /// <summary>The bundles of all webhooks, which should be one.</summary>
    public IReadOnlyList<string> Bundles() =>
    [
        .. new[] { api.Raw<V1ValidatingWebhookConfiguration>("gpumem")!, api.Raw<V1MutatingWebhookConfiguration>("gpumem")! }
            .SelectMany(configuration => configuration["webhooks"]!.AsArray())
            .Select(webhook => Encoding.ASCII.GetString(Convert.FromBase64String((string?)webhook!["clientConfig"]!["caBundle"] ?? ""))).Distinct(),
    ];

    public static X509Certificate2Collection Authorities(string bundle)
    {
        X509Certificate2Collection found = [];
        found.ImportFromPem(bundle);
        return found;
    }

    /// <summary>A client whose connections stay open.</summary>
    public HttpClient Client(RunningHost host, string bundle) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, _) => await ConnectAsync(host, bundle),
        MaxConnectionsPerServer = 1,
    })
    {
        // The stream that the callback returns speaks TLS already.
        BaseAddress = new Uri($"http://{Service}"),
    };

    public static async Task<HttpStatusCode> ReviewAsync(HttpClient client)
    {
        using var content = new StringContent(Review.OfPod(Review.Pod(null)), Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri("/validate-pod", UriKind.Relative), content);
        return answer.StatusCode;
    }

    /// <summary>The certificate that a new connection is answered with, or an exception when it is not to be trusted.</summary>
    public async Task<string> CertificateAsync(RunningHost host, string bundle)
    {
        await using var connection = await ConnectAsync(host, bundle);
        return connection.RemoteCertificate!.GetCertHashString();
    }

    public async Task<SslStream> ConnectAsync(RunningHost host, string bundle)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Https.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            VerificationTime = clock.GetUtcNow().UtcDateTime,
            VerificationTimeIgnored = false,
        };
        policy.CustomTrustStore.AddRange(Authorities(bundle));
        try
        {
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = Service, CertificateChainPolicy = policy });
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }
}
