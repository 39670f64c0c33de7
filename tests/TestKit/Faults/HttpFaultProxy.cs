using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using GpuMem.Kubernetes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.TestKit.Faults;

/// <summary>
/// Stands in front of an API server, counts what is asked of it and answers some of that itself. Calls with a token of their own go on with it;
/// the others as the user of the kubeconfig.
/// </summary>
public sealed class HttpFaultProxy : IAsyncDisposable
{
    private readonly ConcurrentQueue<ApiCall> _calls = new();

    private readonly ConcurrentDictionary<WatchRelay, bool> _watches = new();

    private readonly ProxyAuthority _authority = new();

    private readonly Upstream _upstream;

    private readonly WebApplication _app;

    private HttpFaultProxy(Upstream upstream)
    {
        _upstream = upstream;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_authority.Server));
        });
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    public Uri Host { get; private set; } = new("https://localhost");

    /// <summary>Everything asked so far, in order, whether answered by the API server or by a fault.</summary>
    public IReadOnlyCollection<ApiCall> Calls => _calls;

    /// <summary>Watches that are open now.</summary>
    public int Watches => _watches.Count;

    /// <summary>What to answer instead of the API server; null passes the call on.</summary>
    public Func<ApiCall, InjectedFault?>? Fault { get; set; }

    /// <summary>Called when the API server has answered and the caller does not know it yet.</summary>
    public Action<ApiCall>? Answered { get; set; }

    /// <summary>By how much the events of watches come late.</summary>
    public TimeSpan WatchDelay { get; set; }

    /// <summary>How long each call waits before it is passed on.</summary>
    public TimeSpan CallDelay { get; set; }

    public static async Task<HttpFaultProxy> StartAsync(string kubeconfig) =>
        await StartAsync(KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfig));

    public static async Task<HttpFaultProxy> StartAsync(KubernetesClientConfiguration server)
    {
        var proxy = new HttpFaultProxy(await Upstream.OfAsync(server));
        await proxy._app.StartAsync();
        proxy.Host = new Uri(proxy._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return proxy;
    }

    /// <summary>Ends every open watch with an ERROR event.</summary>
    public void EndWatches(InjectedFault fault)
    {
        foreach (var watch in _watches.Keys)
            watch.EndWith(fault);
    }

    /// <summary>Writes a kubeconfig that leads through this proxy.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="of">Whose identity it keeps; only a token gets through, without one the proxy's own user is asked for.</param>
    public async Task WriteKubeconfigAsync(string path, string of)
    {
        var lines = (await File.ReadAllLinesAsync(of))
            .Where(line => !line.Contains("client-certificate-data:", StringComparison.Ordinal) && !line.Contains("client-key-data:", StringComparison.Ordinal))
            .Select(line => Replaced(Replaced(line, "server:", Host.GetLeftPart(UriPartial.Authority)), "certificate-authority-data:", Convert.ToBase64String(Encoding.ASCII.GetBytes(_authority.Pem))));
        await File.WriteAllLinesAsync(path, lines);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _upstream.Dispose();
        _authority.Dispose();
    }

    private static string Replaced(string line, string key, string value) =>
        line.IndexOf(key, StringComparison.Ordinal) is >= 0 and var at ? $"{line[..at]}{key} {value}" : line;

    private async Task ServeAsync(HttpContext context)
    {
        var call = new ApiCall(context.Request.Method, context.Request.Path, context.Request.Query["watch"] is ["true" or "1"], Stopwatch.GetTimestamp());
        _calls.Enqueue(call);
        if (CallDelay > TimeSpan.Zero)
            await Task.Delay(CallDelay, context.RequestAborted);
        if (Fault?.Invoke(call) is { } fault)
        {
            await AnswerAsync(context.Response, fault);
            return;
        }
        try
        {
            await ForwardAsync(context, call);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException or OperationCanceledException)
        {
            // As the server broke off, so does the proxy.
            context.Abort();
        }
    }

    private static async Task AnswerAsync(HttpResponse response, InjectedFault fault)
    {
        response.StatusCode = fault.InStream ? 200 : fault.Code;
        response.ContentType = "application/json";
        if (fault.RetryAfterSeconds is { } seconds && !fault.InStream)
            response.Headers.RetryAfter = seconds;
        await response.WriteAsync(fault.InStream ? fault.ErrorEvent : fault.Status);
    }

    private async Task ForwardAsync(HttpContext context, ApiCall call)
    {
        using var answer = await _upstream.SendAsync(context.Request, context.RequestAborted);
        Answered?.Invoke(call);
        Upstream.CopyHeaders(answer, context.Response);
        await using var body = await answer.Content.ReadAsStreamAsync(context.RequestAborted);
        if (!call.IsWatch || !answer.IsSuccessStatusCode)
        {
            await body.CopyToAsync(context.Response.Body, context.RequestAborted);
            return;
        }
        using var watch = new WatchRelay(() => WatchDelay);
        _watches[watch] = true;
        try
        {
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await watch.RelayAsync(body, context.Response.Body, context.RequestAborted);
        }
        finally
        {
            _watches.TryRemove(watch, out _);
        }
    }
}
