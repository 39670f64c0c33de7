using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>Endpoints that look at the request themselves: binding its parts to arguments would need reflection.</summary>
public static class ResultEndpoints
{
    public static IEndpointConventionBuilder MapResult(this IEndpointRouteBuilder endpoints, string path, Func<HttpContext, IResult> answer) =>
        endpoints.MapGet(path, context => answer(context).ExecuteAsync(context));
}
