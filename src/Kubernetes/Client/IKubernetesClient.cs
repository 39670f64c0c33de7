namespace GpuMem.Kubernetes;

/// <summary>
/// The verbs of the API, for every resource whose class carries <see cref="KubernetesEntityAttribute"/>.
/// Answers other than success are <see cref="KubernetesException"/>.
/// </summary>
public interface IKubernetesClient
{
    /// <summary>Where the API server is, for messages.</summary>
    Uri Host { get; }

    /// <summary>
    /// The same client for somebody who may lose the right to write: <paramref name="mayWrite"/> is asked right before each attempt of each
    /// write, and a no throws <see cref="LeadershipLostException"/> with nothing sent. Reads go on. Here, where no call waits or is repeated,
    /// there is nothing to add to the caller's own look.
    /// </summary>
    IKubernetesClient Fenced(Func<bool> mayWrite) => this;

    /// <summary>Null when there is no such object.</summary>
    Task<T?> GetAsync<T>(string name, string? ns = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// One page; go on with <see cref="V1ListMeta.ContinueProperty"/> until it is empty. Objects that cannot be read are named in
    /// <see cref="EntityList{T}.Unreadable"/>.
    /// </summary>
    Task<EntityList<T>> ListAsync<T>(ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// The same, keeping of each object only what <paramref name="keep"/> makes of it while the answer is being read, and nothing where that is null:
    /// a list of any size then takes the memory of what is kept. With <paramref name="once"/> a failure is not tried again in
    /// here: the caller has a loop of his own.
    /// </summary>
    async Task<EntityList<TKept>> ListAsync<T, TKept>(
        Func<T, TKept?> keep, ListOptions options, bool once = false, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
        where TKept : class
    {
        EntityList<T> whole = await ListAsync<T>(options, cancellationToken);
        return new EntityList<TKept> { Metadata = whole.Metadata, Unreadable = whole.Unreadable, Items = [.. whole.Items.Select(keep).OfType<TKept>()] };
    }

    /// <summary>
    /// Ends when the server ends it; an event that cannot be read is skipped and told to <paramref name="skipped"/>. A cut connection, or one silent for
    /// longer than <paramref name="timeout"/> and half a minute more, throws <see cref="IOException"/> or <see cref="TimeoutException"/>.
    /// With <paramref name="sendInitialEvents"/> it begins with what there is, up to a bookmark annotated <c>k8s.io/initial-events-end</c>.
    /// </summary>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ListOptions options,
        TimeSpan? timeout = null,
        bool sendInitialEvents = false,
        Action<UnreadableEntity>? skipped = null,
        CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Replaces the object, fields we do not model included: only for kinds that we own.</summary>
    Task<T> UpdateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply of everything but status.</summary>
    Task<T> ApplyAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Server-side apply of status alone.</summary>
    Task<T> ApplyStatusAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>A change that leaves everything else alone. The patch is JSON, as text or nodes: of any other object its nulls would be left out.</summary>
    Task<T> PatchAsync<T>(string name, string? ns, V1Patch patch, string? fieldManager = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>True when it was there.</summary>
    Task<bool> DeleteAsync<T>(string name, string? ns = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>
    /// The same for an object that was read before: a conflict when it has changed since, or when another of its name has taken its place.
    /// </summary>
    async Task<bool> DeleteAsync<T>(T seen, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        V1ObjectMeta wanted = DeleteOptions.Seen(seen);
        if (await GetAsync<T>(wanted.Name!, wanted.NamespaceProperty, cancellationToken) is not { } now)
            return false;
        return now.Metadata.Uid == wanted.Uid && now.Metadata.ResourceVersion == wanted.ResourceVersion
            ? await DeleteAsync<T>(wanted.Name!, wanted.NamespaceProperty, cancellationToken)
            : throw DeleteOptions.Changed(wanted);
    }

    /// <summary>Server-side apply of any resource, as raw JSON: no field is lost for want of a model.</summary>
    Task<JsonObject> ApplyAsync(
        EntityMetadata type, JsonObject manifest, string fieldManager, bool force, CancellationToken cancellationToken = default);

    /// <summary>Any resource as it is stored, of which no field is lost for want of a model; null when there is none.</summary>
    Task<JsonObject?> GetAsync(EntityMetadata type, string name, string? ns, CancellationToken cancellationToken = default);

    /// <summary>The same of all objects of a kind, in every namespace and in one answer: for kinds of few objects. Null where the kind is not served.</summary>
    Task<IReadOnlyList<JsonObject>?> ListAsync(EntityMetadata type, CancellationToken cancellationToken = default);

    Task<VersionInfo> GetServerVersionAsync(CancellationToken cancellationToken = default);
}
