namespace GpuMem.Kubernetes.Informers;

/// <summary>A complete list, read page by page, with the version of its first page and the names of what could not be read.</summary>
internal sealed record PagedList<TView>(IReadOnlyCollection<Kept<TView>> Items, IReadOnlyCollection<UnreadableEntity> Unreadable, string? ResourceVersion)
    where TView : class
{
    internal static async Task<PagedList<TView>> ReadAsync<TEntity>(
        IKubernetesClient client, InformerOptions options, Func<TEntity, Kept<TView>?> keep, string resourceVersion, CancellationToken cancellationToken)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>
    {
        Task<EntityList<Kept<TView>>> PageAsync(string? version, int? limit, string? next) =>
            client.ListAsync(keep, options.Selected(version) with { Limit = limit, Continue = next }, once: true, cancellationToken);

        // With an exact version the API server must go to etcd for pages but can answer the whole from its cache.
        int? limit = resourceVersion is "" or "0" ? options.PageSize : null;
        EntityList<Kept<TView>> first = await PageAsync(resourceVersion, limit, null);
        List<Kept<TView>> items = first.Items;
        List<UnreadableEntity> unreadable = first.Unreadable;
        string? next = first.Metadata.ContinueProperty;
        try
        {
            while (!string.IsNullOrEmpty(next))
            {
                EntityList<Kept<TView>> page = await PageAsync(null, limit, next);
                items.AddRange(page.Items);
                unreadable.AddRange(page.Unreadable);
                next = page.Metadata.ContinueProperty;
            }
        }
        catch (KubernetesException expired) when (expired.IsGone)
        {
            // The token outlived etcd's history. Pages would expire again, so ask for everything at once.
            EntityList<Kept<TView>> whole = await PageAsync(resourceVersion, null, null);
            return new PagedList<TView>(whole.Items, whole.Unreadable, whole.Metadata.ResourceVersion);
        }

        return new PagedList<TView>(items, unreadable, first.Metadata.ResourceVersion);
    }
}
