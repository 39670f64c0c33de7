using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>An API server over TLS and HTTP/2 whose answers the test gives itself, one call at a time.</summary>
public sealed class FakeApiServer : IAsyncDisposable
{
    // Guards against a hanging test only; no assertion depends on it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Channel<FakeCall> _calls = Channel.CreateUnbounded<FakeCall>();
    private readonly TestCertificates _certificates = new();
    private readonly WebApplication _app;

    private FakeApiServer(X509Certificate2? certificate)
    {
        X509Certificate2 server = certificate ?? _certificates.Server("localhost");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(server, tls =>
            {
                tls.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                tls.AllowAnyClientCertificate();
            }));
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public Uri Host { get; private set; } = new("https://localhost");

    public X509Certificate2Collection Authorities => _certificates.Authorities;

    public static async Task<FakeApiServer> StartAsync(X509Certificate2? certificate = null)
    {
        FakeApiServer server = new(certificate);
        await server._app.StartAsync();
        string address = server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.Host = new Uri(address);
        return server;
    }

    public KubernetesClientConfiguration Configuration(string? token = null) => new()
    {
        Host = Host,
        SslCaCerts = Authorities,
        Credentials = new StaticCredentials(new ClientCredential { Token = token }),
    };

    public KubernetesClient Client(TimeProvider? timeProvider = null) => new(Configuration(), timeProvider: timeProvider);

    /// <summary>The next call that somebody makes; it waits for the test's answer.</summary>
    public async Task<FakeCall> NextAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        return await _calls.Reader.ReadAsync(patience.Token);
    }

    /// <summary>Whether a call is waiting that the test has not looked at.</summary>
    public bool HasUnanswered => _calls.Reader.TryPeek(out _);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource now = new(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _certificates.Dispose();
    }

    private async Task ServeAsync(HttpContext context)
    {
        using StreamReader body = new(context.Request.Body);
        FakeCall call = new(context, await body.ReadToEndAsync());
        await _calls.Writer.WriteAsync(call);
        await call.Finished;
    }
}
