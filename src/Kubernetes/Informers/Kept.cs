namespace GpuMem.Kubernetes.Informers;

/// <summary>What a store keeps of one object: the part that somebody reads, and what tells one state of it from another.</summary>
internal sealed record Kept<TView>(NamespacedName Name, string? Uid, string? Version, TView View)
    where TView : class
{
    /// <summary>Projects while objects are read, so that a whole one lives no longer than its reading takes; null for what nobody wants.</summary>
    internal static Func<TEntity, Kept<TView>?> Of<TEntity>(Func<TEntity, TView?> project)
        where TEntity : class, IKubernetesObject<V1ObjectMeta> =>
        entity => project(entity) is { } view ? new Kept<TView>(NamespacedName.Of(entity), entity.Uid(), entity.ResourceVersion(), view) : null;

    /// <summary>Without a version nobody can tell, so it counts as changed.</summary>
    internal bool IsSameStateAs(Kept<TView> other) => Uid == other.Uid && Version is not null && Version == other.Version;
}
