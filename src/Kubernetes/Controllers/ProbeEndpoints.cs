using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Where the kubelet asks how we are.</summary>
public static class ProbeEndpoints
{
    /// <summary>For an operator: <c>/healthz</c>: no new process is needed. <c>/readyz</c>: the caches are filled.</summary>
    public static void MapOperatorProbes(this IEndpointRouteBuilder endpoints)
    {
        Leadership leadership = endpoints.ServiceProvider.GetRequiredService<Leadership>();
        ICache[] caches = [.. endpoints.ServiceProvider.GetServices<ICache>()];
        endpoints.MapResult("/healthz", _ => leadership.IsHealthy
            ? Results.Text("ok\n")
            : Results.Text("the lease is not renewed and the work has not ended\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        endpoints.MapReadyz(() => caches.All(cache => cache.Status.All(kind => kind.HasSynced)) ? null : "the caches");
    }

    /// <summary><c>/readyz</c>: ready, or what is missing; then, or with <c>?verbose</c>, how it stands with each cache.</summary>
    public static void MapReadyz(this IEndpointRouteBuilder endpoints, Func<string?> waitingFor)
    {
        ICache[] caches = [.. endpoints.ServiceProvider.GetServices<ICache>()];
        TimeProvider time = endpoints.ServiceProvider.GetRequiredService<TimeProvider>();
        endpoints.MapResult("/readyz", context =>
        {
            string? missing = waitingFor();
            string text = missing is null ? "ok\n" : $"waiting for {missing}\n";
            if (missing is not null || context.Request.Query.ContainsKey("verbose"))
                text += string.Concat(caches.SelectMany(cache => cache.Status).Select(kind => kind.Describe(time.GetUtcNow()) + "\n"));
            return Results.Text(text, statusCode: missing is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
    }
}
