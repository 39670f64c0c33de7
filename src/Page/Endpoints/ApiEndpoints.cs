using GpuMem.Page.Cluster;
using GpuMem.Page.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace GpuMem.Page.Endpoints;

/// <summary>The JSON API beneath the page. Whatever it says, planning said: nothing is decided here.</summary>
internal static class ApiEndpoints
{
    public const string Root = "/api/v1";

    /// <param name="cluster">The cluster that is shown; null where none was named.</param>
    public static IReadOnlyList<Endpoint> All(ClusterReader? cluster)
    {
        List<Endpoint> endpoints =
        [
            ModelsEndpoint.Create(), GpusEndpoint.Create(), FieldsEndpoint.Create(), new EstimateEndpoint(cluster).Create(), ManifestEndpoint.Create(), new ClusterEndpoint(cluster).Create(),
        ];
        endpoints.Add(OpenApiEndpoint.Create(endpoints));
        return endpoints;
    }

    public static void Map(IEndpointRouteBuilder routes, ClusterReader? cluster)
    {
        foreach (var endpoint in All(cluster))
            routes.MapMethods(endpoint.Path, [endpoint.Method], async context => await JsonAnswer.WriteAsync(context, await endpoint.AnswerAsync(context)));
    }
}
