namespace GpuMem.Kubernetes.Models;

/// <summary>Where in the API a resource is found.</summary>
public sealed record EntityMetadata(string Group, string Version, string Kind, string Plural, EntityScope Scope = EntityScope.Namespaced, bool MetadataOnly = false)
{
    /// <summary>The models of KubernetesClient do not say where their objects live; these are the cluster's own.</summary>
    private static readonly HashSet<Type> ClusterScoped =
    [
        typeof(V1Namespace), typeof(V1Node), typeof(V1ResourceSlice), typeof(V1DeviceClass), typeof(V1CustomResourceDefinition), typeof(V1SubjectAccessReview),
        typeof(V1ValidatingWebhookConfiguration), typeof(V1MutatingWebhookConfiguration),
    ];

    /// <summary>As written in manifests: <c>v1</c> or <c>group/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    public bool IsNamespaced => Scope == EntityScope.Namespaced;

    /// <summary>Read from the attributes of <typeparamref name="T"/>, once per type.</summary>
    public static EntityMetadata Of<T>() => Cache<T>.Value;

    public static EntityMetadata From(Type type)
    {
        KubernetesEntityAttribute entity = type.GetCustomAttribute<KubernetesEntityAttribute>()
            ?? throw new InvalidOperationException($"{type.Name} has no [KubernetesEntity] attribute, so its API path is unknown.");
#pragma warning disable CA1308 // URLs of the Kubernetes API are lower case.
        // KubernetesClient leaves the plural of kinds empty that cannot be listed.
        string plural = entity.PluralName is { Length: > 0 } given ? given : entity.Kind.ToLowerInvariant() + "s";
#pragma warning restore CA1308
        EntityScopeAttribute? stated = type.GetCustomAttribute<EntityScopeAttribute>();
        EntityScope scope = stated?.Scope ?? (ClusterScoped.Contains(type) ? EntityScope.Cluster : EntityScope.Namespaced);
        return new EntityMetadata(entity.Group ?? "", entity.ApiVersion ?? "v1", entity.Kind, plural, scope, stated is { MetadataOnly: true });
    }

    /// <summary>The media types to ask for, for a list or one object: of a PartialObjectMetadata the server sends the metadata alone (client-go, package metadata).</summary>
    internal string Accept(string whole) => MetadataOnly ? $"application/json;as={whole};g=meta.k8s.io;v=v1" : "application/json";

    /// <summary>Path of all objects, in one namespace or (namespace null) everywhere.</summary>
    public string CollectionPath(string? ns)
    {
        StringBuilder path = new(Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}");
        if (IsNamespaced && ns is { Length: > 0 })
            path.Append("/namespaces/").Append(Segment(ns));
        return path.Append('/').Append(Plural).ToString();
    }

    /// <summary>Path of one object, e.g. <c>apis/batch/v1/namespaces/a/jobs/b/status</c>.</summary>
    public string ObjectPath(string name, string? ns, string? subresource = null)
    {
        if (IsNamespaced && string.IsNullOrEmpty(ns))
            throw new ArgumentException($"{Kind} '{name}' lives in a namespace, and none was given.", nameof(ns));
        string path = $"{CollectionPath(ns)}/{Segment(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    // A name such as "../secrets" would otherwise walk to another resource.
    private static string Segment(string name) =>
        name is "" or "." or ".." || name.Contains('/', StringComparison.Ordinal)
            ? throw new ArgumentException($"'{name}' cannot be the name of a Kubernetes object.", nameof(name))
            : Uri.EscapeDataString(name);

    private static class Cache<T>
    {
        internal static readonly EntityMetadata Value = From(typeof(T));
    }
}
