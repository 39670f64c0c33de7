using GpuMem.Kubernetes.Controllers;
using GpuMem.Page.Cluster;
using GpuMem.Page.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Page.Server;

/// <summary>The process behind the page: static content and the API, on one port.</summary>
public static class PageHost
{
    /// <param name="options">Where it listens.</param>
    /// <param name="cluster">The cluster that is shown; null shows none.</param>
    /// <param name="logging">Where faults are written.</param>
    public static WebApplication Build(PageOptions options, ClusterReader? cluster, Action<ILoggingBuilder> logging)
    {
        LargeBlocks.ReturnWhenFreed();
        var builder = ProcessHost.CreateBuilder(logging);
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, options));
        builder.Services.AddSingleton(new MemoryAtRest(TimeProvider.System));
        var app = builder.Build();
        app.Use(app.Services.GetRequiredService<MemoryAtRest>().AnswerAsync);
        app.Use(new RequestGate(options.Hosts).AnswerAsync);
        StaticContent.Map(app);
        ApiEndpoints.Map(app, cluster);
        foreach (var probe in new[] { "/healthz", "/readyz" })
            app.MapResult(probe, _ => Results.Text("ok\n"));
        return app;
    }

    private static void Listen(KestrelServerOptions kestrel, PageOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = PageOptions.MaxBodyBytes;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxConcurrentConnections = 256;
        kestrel.Listen(options.Address, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
