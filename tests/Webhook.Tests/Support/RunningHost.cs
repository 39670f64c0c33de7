using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook.Tests.Support;

/// <summary>The whole process but for the process: real sockets on ports of the system's choice, over an API server in memory.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private RunningHost(WebApplication app)
    {
        App = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Https = new Uri(addresses.Single(address => address.StartsWith("https:", StringComparison.Ordinal)));
        Probes.BaseAddress = new Uri(addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal)));
    }

    public WebApplication App { get; }

    public HttpClient Probes { get; } = new();

    public Uri Https { get; }

    public static WebhookOptions Options { get; } = new()
    {
        Namespace = "gpumem-system",
        Address = "127.0.0.1",
        Port = 0,
        HealthPort = 0,
        ShutdownDelay = TimeSpan.Zero,
    };

    public static async Task<RunningHost> StartAsync(InMemoryApi api, WebhookOptions? options = null, TimeProvider? clock = null)
    {
        var app = WebhookHost.Build(options ?? Options, api, logging => logging.SetMinimumLevel(LogLevel.None), clock);
        await app.StartAsync();
        return new RunningHost(app);
    }

    public async Task<(int Status, string Text)> ProbeAsync(string path)
    {
        using var answer = await Probes.GetAsync(new Uri(path, UriKind.Relative));
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Asks until the answer is as wanted; xunit's own limit is what ends a test that waits in vain.</summary>
    public async Task<string> WaitForAsync(string path, Func<(int Status, string Text), bool> wanted)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            var answer = await ProbeAsync(path);
            if (wanted(answer))
                return answer.Text;
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Probes.Dispose();
        await App.DisposeAsync();
    }
}
