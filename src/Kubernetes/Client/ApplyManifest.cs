namespace GpuMem.Kubernetes.Client;

/// <summary>
/// What server-side apply may be sent: every field in it becomes ours, so what the server sets must not be there.
/// </summary>
internal static class ApplyManifest
{
    private static readonly string[] ServerSet =
    [
        "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields", "selfLink",
    ];

    internal static JsonObject OfEntity<T>(T entity, KubernetesJson json)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        JsonObject manifest = Serialize(entity, json);
        Clean(manifest, EntityMetadata.Of<T>());
        return manifest;
    }

    internal static JsonObject OfStatus<T>(T entity, KubernetesJson json)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        EntityMetadata type = EntityMetadata.Of<T>();
        JsonNode? status = Serialize(entity, json)["status"]?.DeepClone();
        JsonObject metadata = new() { ["name"] = entity.Name() };
        if (type.IsNamespaced)
            metadata["namespace"] = entity.Namespace();
        return new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = metadata,
            ["status"] = status ?? new JsonObject(),
        };
    }

    /// <summary>Takes out what the server sets and puts in what it insists on.</summary>
    internal static void Clean(JsonObject manifest, EntityMetadata type)
    {
        manifest["apiVersion"] = type.ApiVersion;
        manifest["kind"] = type.Kind;
        manifest.Remove("status");
        if (manifest["metadata"] is JsonObject metadata)
        {
            foreach (string member in ServerSet)
                metadata.Remove(member);
        }
    }

    private static JsonObject Serialize<T>(T entity, KubernetesJson json) =>
        JsonSerializer.SerializeToNode(entity, json.WriteInfo<T>())?.AsObject() ?? [];
}
