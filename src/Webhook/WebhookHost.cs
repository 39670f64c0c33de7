using System.Net;
using System.Runtime.CompilerServices;
using GpuMem.Api.Cluster;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Controllers;
using GpuMem.Kubernetes.Informers;
using GpuMem.Kubernetes.Metrics;
using GpuMem.Webhook.Certificates;
using GpuMem.Webhook.Endpoints;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Webhook;

/// <summary>The webhook process: HTTPS for the API server, HTTP for probes and metrics.</summary>
public static class WebhookHost
{
    public static WebApplication Build(WebhookOptions options, IKubernetesClient client, Action<ILoggingBuilder> logging, TimeProvider? timeProvider = null)
    {
        var builder = ProcessHost.CreateBuilder(logging);
        // It logs nothing that we show, and would make an activity and a logging scope for every request.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(client);
        builder.Services.AddSingleton(timeProvider ?? TimeProvider.System);
        builder.Services.AddPrometheusText("System.Runtime", ClusterMeter.Name, WebhookMeter.Name);
        builder.Services.AddSingleton(options.Policy);
        builder.Services.AddSingleton<OwnerInformers>();
        builder.Services.AddSingleton<ClusterView>();
        builder.Services.AddSingleton(services => new ClusterMeter(services.GetRequiredService<ClusterView>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddSingleton<IClusterState>(services => services.GetRequiredService<ClusterView>());
        builder.Services.AddSingleton<ICache>(services => services.GetRequiredService<ClusterView>());
        builder.Services.AddSingleton(services => ConfigMaps(services, services.GetRequiredService<ClusterView>().Jobs));
        builder.Services.AddSingleton(services => ConfigMaps(services, services.GetRequiredService<ClusterView>().Servers));
        builder.Services.AddSingleton<ITemplateAuthorization, SubjectAccessTemplateAuthorization>();
        builder.Services.AddSingleton(new BodyBudget(options.MaxReviewBytesAtOnce));
        builder.Services.AddSingleton(new ReviewTurns(options.MaxReviewsAtOnce));
        builder.Services.AddSingleton<AdmissionHandlers>();
        builder.Services.AddSingleton<WorkloadHandler>();
        builder.Services.AddSingleton<TrainingJobHandler>();
        builder.Services.AddSingleton<ModelServerHandler>();
        builder.Services.AddSingleton<AdmissionEndpoints>();
        builder.Services.AddSingleton<Readiness>();
        builder.Services.AddSingleton<ServingCertificate>();
        AddCertificate(builder.Services, options);
        builder.Services.AddHostedService<WebhookService>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownDelay + TimeSpan.FromSeconds(20));
        // A review is decided on the thread that read it, which is one of the pool and may take its time: it is handed to no other on its way.
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => Listen(kestrel, options));

        var app = builder.Build();
        app.Services.GetRequiredService<ClusterMeter>();
        KeepPortsApart(app);
        CloseConnections(app);
        app.Services.GetRequiredService<AdmissionEndpoints>().Map(app);
        app.MapMetrics();
        MapProbes(app);
        return app;
    }

    /// <summary>Makes every instrument of the webhook, without waiting for something to measure.</summary>
    public static void PublishInstruments() => RuntimeHelpers.RunClassConstructor(typeof(WebhookMeter).TypeHandle);

    private static void AddCertificate(IServiceCollection services, WebhookOptions options)
    {
        services.AddSingleton<CertificateSecret>();
        services.AddSingleton<CaBundleWriter>();
        services.AddSingleton<RegistrationChanges>();
        services.AddSingleton<ICertificateSource>(provider => options.CertificateFolder is { } folder
            ? ActivatorUtilities.CreateInstance<MountedCertificate>(provider, folder)
            : ActivatorUtilities.CreateInstance<OwnCertificate>(provider));
    }

    private static ControllerLoop<T> ConfigMaps<T>(IServiceProvider services, Informer<T> descriptions)
        where T : class, IPodDescription => ActivatorUtilities.CreateInstance<ControllerLoop<T>>(
            services, descriptions, new ConfigMapModelController<T>(services.GetRequiredService<ClusterView>().ConfigMapModels), new ControllerOptions());

    /// <summary>
    /// Reviews come over TLS, probes and scrapes in the clear, each on a port of its own: whoever may reach one of them, by a NetworkPolicy, can
    /// ask nothing of the other.
    /// </summary>
    private static void KeepPortsApart(WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.IsHttps == AdmissionEndpoints.Has(context.Request.Path))
            return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    });

    /// <summary>The API server keeps connections open: a last answer tells it to take another one, to another replica, of each when we stop.</summary>
    private static void CloseConnections(WebApplication app)
    {
        var (readiness, clock) = (app.Services.GetRequiredService<Readiness>(), app.Services.GetRequiredService<TimeProvider>());
        app.Use((context, next) =>
        {
            if (readiness.IsStopping || ConnectionAge.IsReached(context, clock))
                context.Response.Headers.Connection = "close";
            return next(context);
        });
    }

    /// <summary><c>/healthz</c>: the process answers. <c>/readyz</c>: requests may be sent, or what is still missing.</summary>
    private static void MapProbes(WebApplication app)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        app.MapResult("/healthz", _ => Results.Text("ok\n"));
        app.MapReadyz(() => readiness.WaitingFor);
    }

    private static void Listen(KestrelServerOptions kestrel, WebhookOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = WebhookOptions.MaxReviewBytes;
        // What has arrived and was not read yet; it comes on top of the budget, for each connection.
        kestrel.Limits.MaxRequestBufferSize = 128 * 1024;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.MaxConcurrentConnections = 2048;
        var address = IPAddress.Parse(options.Address);
        var certificate = kestrel.ApplicationServices.GetRequiredService<ServingCertificate>();
        var clock = kestrel.ApplicationServices.GetRequiredService<TimeProvider>();
        kestrel.Listen(address, options.Port, listen =>
        {
            ConnectionAge.Limit(listen, clock);
            // The API server speaks HTTP/1.1 to webhooks (kubernetes/kubernetes#82090); without HTTP/2 there is no rapid reset (CVE-2023-44487).
            listen.Protocols = HttpProtocols.Http1;
            // Asked for each connection, so that a new certificate is served without those that are open noticing.
            listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(certificate.ForHandshake(options.Clients)) });
        });
        kestrel.Listen(address, options.HealthPort, listen => listen.Protocols = HttpProtocols.Http1);
    }
}
