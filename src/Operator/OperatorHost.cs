using System.Net;
using GpuMem.Api.Cluster;
using GpuMem.Kubernetes.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>The operator process: controllers, and HTTP for probes and metrics.</summary>
public static class OperatorHost
{
    public static WebApplication Build(OperatorOptions options, IKubernetesClient client, Action<ILoggingBuilder> logging)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        logging(builder.Logging);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(client);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddPrometheusText();
        builder.Services.AddSingleton<ClusterView>();
        builder.Services.AddSingleton<OperatorService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OperatorService>());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.Address), options.HealthPort));

        var app = builder.Build();
        app.MapMetrics();
        MapProbes(app);
        return app;
    }

    /// <summary><c>/healthz</c>: no new process is needed. <c>/readyz</c>: the caches are filled, or which is not and why; all with <c>?verbose</c>.</summary>
    private static void MapProbes(WebApplication app)
    {
        var service = app.Services.GetRequiredService<OperatorService>();
        var clock = app.Services.GetRequiredService<TimeProvider>();
        app.MapGet("/healthz", () => service.IsHealthy
            ? Results.Text("ok\n")
            : Results.Text("the lease is not renewed and the work has not ended\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/readyz", (HttpContext context) =>
        {
            var ready = service.IsReady;
            var text = ready ? "ok\n" : "waiting for the caches\n";
            if (!ready || context.Request.Query.ContainsKey("verbose"))
                text += string.Concat(service.Caches.Select(cache => cache.Describe(clock.GetUtcNow()) + "\n"));
            return Results.Text(text, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
