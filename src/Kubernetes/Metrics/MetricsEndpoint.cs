using GpuMem.Kubernetes.Controllers;
using GpuMem.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GpuMem.Kubernetes.Metrics;

/// <summary>Where Prometheus reads.</summary>
public static class MetricsEndpoint
{
    /// <summary>Adds what <see cref="MapMetrics"/> serves: these meters, and this library's own.</summary>
    public static IServiceCollection AddPrometheusText(this IServiceCollection services, params string[] meters) =>
        services.AddSingleton(_ => new PrometheusText([RuntimeMeter.Instance.Name, .. meters]));

    /// <summary><c>/metrics</c>, over plain HTTP only: a port with TLS is the API server's.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder endpoints)
    {
        // Now, not at the first scrape: what was counted before would be missing.
        PrometheusText text = endpoints.ServiceProvider.GetRequiredService<PrometheusText>();
        return endpoints.MapResult("/metrics", context =>
            context.Request.IsHttps ? Results.NotFound() : Results.Text(text.Write(), PrometheusText.ContentType));
    }
}
