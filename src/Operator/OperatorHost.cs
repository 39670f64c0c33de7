using System.Net;
using GpuMem.Api.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>The operator process: controllers, and HTTP for probes.</summary>
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
        builder.Services.AddSingleton<ClusterView>();
        builder.Services.AddSingleton<OperatorService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OperatorService>());
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Parse(options.Address), options.HealthPort));

        var app = builder.Build();
        var service = app.Services.GetRequiredService<OperatorService>();
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", () => service.IsReady
            ? Results.Text("ok\n")
            : Results.Text("waiting for the caches\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        return app;
    }
}
