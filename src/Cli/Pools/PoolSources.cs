using System.Net;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Pods;
using k8s;

namespace GpuMem.Cli.Pools;

/// <summary>What pools are made of: nodes, what drivers publish of them, what administrators declared, and the pods that hold GPUs.</summary>
/// <param name="Pods">Null when nobody says which pods there are, and so how many GPUs are free.</param>
internal sealed record PoolSources(IReadOnlyCollection<V1Node> Nodes, IReadOnlyCollection<V1ResourceSlice> Slices, IReadOnlyCollection<GpuPool> Declared, IReadOnlyCollection<GpuPod>? Pods)
{
    /// <exception cref="UserErrorException">There is nothing in the files that pools are made of.</exception>
    public static PoolSources Read(IReadOnlyList<string> files)
    {
        // What else is in the files of a cluster is no business of who asks for its pools.
        var manifests = Manifests.Read(files, workloads: true);
        return manifests.Nodes.Count + manifests.Slices.Count + manifests.Pools.Count + manifests.Templates.Count > 0
            ? Of(manifests)
            : throw new UserErrorException($"no Node, no ResourceSlice and no GpuPool in {string.Join(", ", files)}; kubectl get nodes -o yaml makes such a file");
    }

    public static PoolSources Of(Manifests manifests) => new(
        manifests.Nodes,
        manifests.Slices,
        manifests.Declared,
        manifests.Pods.Count == 0 ? null : [.. manifests.Pods.Select(pod => GpuPod.Read(Manifests.As<V1Pod>(pod))).OfType<GpuPod>()]);

    /// <summary>A cluster without GpuMem has no GpuPools, one before Kubernetes 1.34 no ResourceSlices of v1, and who may not list pods may still see nodes.</summary>
    public static async Task<PoolSources> OfAsync(IKubernetesClient client, CancellationToken cancellationToken) => new(
        await AllAsync<V1Node>(client, null, cancellationToken),
        await AnyAsync<V1ResourceSlice>(client, null, cancellationToken) ?? [],
        await AnyAsync<GpuPool>(client, null, cancellationToken) ?? [],
        (await AnyAsync<V1Pod>(client, GpuPod.FieldSelector, cancellationToken))?.Select(GpuPod.Read).OfType<GpuPod>().ToList());

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
