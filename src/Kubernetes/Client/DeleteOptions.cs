namespace GpuMem.Kubernetes.Client;

/// <summary>The body of a DELETE.</summary>
internal static class DeleteOptions
{
    internal static ReadOnlyMemory<byte> Body(V1ObjectMeta? seen)
    {
        JsonObject options = new() { ["apiVersion"] = "v1", ["kind"] = nameof(DeleteOptions) };
        if (seen is not null)
            options["preconditions"] = new JsonObject { ["uid"] = seen.Uid, ["resourceVersion"] = seen.ResourceVersion };
        return Encoding.UTF8.GetBytes(options.ToJsonString());
    }

    /// <summary>Null would mean any: an object that never came from the server has no version to insist on.</summary>
    internal static V1ObjectMeta Seen<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        entity.Metadata is { Name: not null, Uid: not null, ResourceVersion: not null } metadata
            ? metadata
            : throw new ArgumentException("only what was read from the server can be deleted as it was seen", nameof(entity));

    /// <summary>What the server answers when the object is no longer what was seen.</summary>
    internal static KubernetesException Changed(V1ObjectMeta seen) => new(new V1Status
    {
        Code = 409,
        Reason = "Conflict",
        Message = $"{seen.Name} is no longer version {seen.ResourceVersion}, which was to be deleted",
    });
}
