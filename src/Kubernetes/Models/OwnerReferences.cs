namespace GpuMem.Kubernetes.Models;

/// <summary>What makes one object the owner of another.</summary>
public static class OwnerReferences
{
    /// <summary>
    /// Compares the UID alone: a namesake created later is not the owner. KubernetesClient's <c>IsOwnedBy</c> also wants API version and kind, which an
    /// object from a list does not say and a new version of its CRD changes.
    /// </summary>
    public static bool HasOwner(this IMetadata<V1ObjectMeta> entity, IMetadata<V1ObjectMeta> owner) =>
        owner.Metadata?.Uid is { } uid && entity.OwnerReferences()?.Any(reference => reference.Uid == uid) == true;

    /// <summary>A reference to <paramref name="owner"/> as the one that manages the object which carries it.</summary>
    public static V1OwnerReference CreateOwnerReference<T>(this T owner, bool controller = true)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        EntityMetadata type = EntityMetadata.From(owner.GetType());
        return new V1OwnerReference
        {
            ApiVersion = type.ApiVersion,
            Kind = type.Kind,
            Name = owner.Name(),
            Uid = owner.Uid() ?? throw new InvalidOperationException($"{type.Kind} '{owner.Name()}' has no UID yet, so it cannot own anything."),
            Controller = controller,
            BlockOwnerDeletion = controller ? true : null,
        };
    }
}
