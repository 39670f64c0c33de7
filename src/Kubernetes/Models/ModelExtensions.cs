namespace GpuMem.Kubernetes.Models;

/// <summary>Short ways to what is asked for most often. Metadata may be null in an object that came from a file.</summary>
public static class ModelExtensions
{
    public static string? Name(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.Name;

    public static string? Namespace(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.NamespaceProperty;

    public static string? Uid(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.Uid;

    public static string? ResourceVersion(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.ResourceVersion;

    public static long? Generation(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.Generation;

    public static DateTimeOffset? DeletionTimestamp(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.DeletionTimestamp;

    public static IDictionary<string, string>? Labels(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.Labels;

    public static IDictionary<string, string>? Annotations(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.Annotations;

    public static IList<V1OwnerReference>? OwnerReferences(this IMetadata<V1ObjectMeta> entity) => entity.Metadata?.OwnerReferences;

    public static string? GetLabel(this IMetadata<V1ObjectMeta> entity, string key) => Value(entity.Labels(), key);

    public static string? GetAnnotation(this IMetadata<V1ObjectMeta> entity, string key) => Value(entity.Annotations(), key);

    /// <summary>The one owner that manages this object, if there is one.</summary>
    public static V1OwnerReference? GetController(this IMetadata<V1ObjectMeta> entity) =>
        entity.OwnerReferences()?.FirstOrDefault(owner => owner.Controller == true);

    /// <summary>Compares the UID: a namesake created later is not the owner.</summary>
    public static bool IsOwnedBy(this IMetadata<V1ObjectMeta> entity, IKubernetesObject<V1ObjectMeta> owner) =>
        owner.Uid() is { } uid && entity.OwnerReferences()?.Any(reference => reference.Uid == uid) == true;

    /// <summary>Adds the reference, or replaces the one with the same UID.</summary>
    public static void AddOwnerReference(this IMetadata<V1ObjectMeta> entity, V1OwnerReference owner)
    {
        entity.Metadata ??= new V1ObjectMeta();
        entity.Metadata.OwnerReferences = [.. entity.Metadata.OwnerReferences?.Where(other => other.Uid != owner.Uid) ?? [], owner];
    }

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

    private static string? Value(IDictionary<string, string>? values, string key) =>
        values is not null && values.TryGetValue(key, out string? value) ? value : null;
}
