using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Informers;

/// <summary>A complete list, read page by page, with the version of its first page and the names of what could not be read.</summary>
internal sealed record PagedList<T>(IReadOnlyCollection<T> Items, IReadOnlyCollection<UnreadableEntity> Unreadable, string? ResourceVersion)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    internal static async Task<PagedList<T>> ReadAsync(
        IKubernetesClient client, InformerOptions<T> options, string resourceVersion, CancellationToken cancellationToken)
    {
        // With an exact version the API server must go to etcd for pages but can answer the whole from its cache.
        int? limit = resourceVersion is "" or "0" ? options.PageSize : null;
        EntityList<T> first = await PageAsync(client, options, resourceVersion, limit, null, cancellationToken);
        List<T> items = first.Items;
        List<UnreadableEntity> unreadable = first.Unreadable;
        string? next = first.Metadata.ContinueProperty;
        try
        {
            while (!string.IsNullOrEmpty(next))
            {
                EntityList<T> page = await PageAsync(client, options, null, limit, next, cancellationToken);
                items.AddRange(page.Items);
                unreadable.AddRange(page.Unreadable);
                next = page.Metadata.ContinueProperty;
            }
        }
        catch (KubernetesException expired) when (expired.IsGone)
        {
            // The token outlived etcd's history. Pages would expire again, so ask for everything at once.
            EntityList<T> whole = await PageAsync(client, options, resourceVersion, null, null, cancellationToken);
            return new PagedList<T>(whole.Items, whole.Unreadable, whole.Metadata.ResourceVersion);
        }

        return new PagedList<T>(items, unreadable, first.Metadata.ResourceVersion);
    }

    private static Task<EntityList<T>> PageAsync(
        IKubernetesClient client, InformerOptions<T> options, string? version, int? limit, string? next, CancellationToken cancellationToken) =>
        client.ListAsync<T>(
            options.Namespace, options.LabelSelector, options.FieldSelector,
            resourceVersion: version is "" ? null : version, limit, continueToken: next, cancellationToken);
}
