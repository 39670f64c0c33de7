using System.Net;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Templates;
using GpuMem.Api.Pods;
using k8s;

namespace GpuMem.Api.Nodes;

/// <summary>What pools are made of: nodes, what drivers publish of them, what administrators and autoscalers declared, and the pods that hold GPUs.</summary>
/// <param name="Pods">Null when nobody says which pods there are, and so how many GPUs are free.</param>
public sealed record PoolSources(IReadOnlyCollection<V1Node> Nodes, IReadOnlyCollection<V1ResourceSlice> Slices, IReadOnlyCollection<GpuPool> Declared, IReadOnlyCollection<GpuPod>? Pods)
{
    /// <summary>What pods' claims ask for.</summary>
    public DeviceClaims Claims { get; init; } = DeviceClaims.None;

    /// <summary>The pools that they make.</summary>
    public PoolInventory Inventory => InventoryBuilder.Build(Nodes, Slices, Declared, Claims);

    /// <summary>A cluster without GpuMem has no GpuPools, one before Kubernetes 1.34 no ResourceSlices of v1, and who may not list pods may still see nodes.</summary>
    public static async Task<PoolSources> OfAsync(IKubernetesClient client, CancellationToken cancellationToken)
    {
        var nodes = await AllAsync<V1Node>(client, null, cancellationToken);
        var declared = await AnyAsync<GpuPool>(client, null, cancellationToken) ?? [];
        return new PoolSources(
            nodes,
            await AnyAsync<V1ResourceSlice>(client, null, cancellationToken) ?? [],
            NodeTemplates.Merge(declared, await new TemplateLists(client, TimeProvider.System).ReadAsync(cancellationToken), nodes),
            (await AnyAsync<V1Pod>(client, GpuPod.FieldSelector, cancellationToken))?.Select(GpuPod.Read).OfType<GpuPod>().ToList())
        {
            Claims = new DeviceClaims(
                await AnyAsync<V1DeviceClass>(client, null, cancellationToken) ?? [],
                await AnyAsync<V1ResourceClaimTemplate>(client, null, cancellationToken) ?? [],
                await AnyAsync<Resourcev1ResourceClaim>(client, null, cancellationToken) ?? []),
        };
    }

    /// <summary>Null when the server does not serve the kind, or not to us.</summary>
    private static async Task<List<T>?> AnyAsync<T>(IKubernetesClient client, string? fields, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await AllAsync<T>(client, fields, cancellationToken);
        }
        catch (GpuMem.Kubernetes.KubernetesException refused) when (refused.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Forbidden)
        {
            return null;
        }
    }

    private static async Task<List<T>> AllAsync<T>(IKubernetesClient client, string? fields, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        const int page = 500;
        var all = new List<T>();
        string? next = null;
        do
        {
            var list = await client.ListAsync<T>(new ListOptions { FieldSelector = fields, Limit = page, Continue = next }, cancellationToken);
            all.AddRange(list.Items);
            next = list.Metadata?.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
        return all;
    }
}
