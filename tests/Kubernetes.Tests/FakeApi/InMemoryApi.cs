using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace GpuMem.Kubernetes.Tests.FakeApi;

/// <summary>Objects in a dictionary with resource versions and conflicts; for tests that need no wire.</summary>
public sealed class InMemoryApi : IKubernetesClient
{
    private readonly ConcurrentDictionary<(Type Type, NamespacedName Name), byte[]> _objects = new();
    private readonly Lock _gate = new();
    private int _version;

    public Uri Host { get; } = new("https://in-memory");

    /// <summary>Called before each call with its verb; may throw or wait.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>The verbs of finished calls.</summary>
    public Signals<string> Calls { get; } = new();

    public T? Peek<T>(string name, string ns = "default")
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        _objects.TryGetValue((typeof(T), new NamespacedName(ns, name)), out byte[]? stored) ? KubernetesJson.Default.Deserialize<T>(stored) : null;

    public IReadOnlyList<T> All<T>() => [.. _objects.Where(entry => entry.Key.Type == typeof(T)).Select(entry => KubernetesJson.Default.Deserialize<T>(entry.Value)!)];

    public Task<T?> GetAsync<T>(string name, string? ns, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync("get", () => Peek<T>(name, ns ?? ""), cancellationToken);

    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(
            "create",
            () => _objects.ContainsKey(Key(entity))
                ? throw new KubernetesException(new V1Status { Code = 409, Reason = "AlreadyExists" })
                : Store(entity),
            cancellationToken);

    public Task<T> UpdateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(
            "update",
            () =>
            {
                T stored = Peek<T>(entity.Name()!, entity.Namespace() ?? "") ?? throw NotFound();
                return entity.ResourceVersion() is { } version && version != stored.ResourceVersion()
                    ? throw new KubernetesException(new V1Status { Code = 409, Reason = "Conflict" })
                    : Store(entity);
            },
            cancellationToken);

    public Task<T> PatchAsync<T>(string name, string? ns, V1Patch patch, string? fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => CallAsync(
            "patch",
            () =>
            {
                if (!_objects.TryGetValue((typeof(T), new NamespacedName(ns ?? "", name)), out byte[]? stored))
                    throw NotFound();
                JsonObject merged = JsonNode.Parse(stored)!.AsObject();
                foreach ((string member, JsonNode? value) in JsonNode.Parse((string)patch.Content)!.AsObject())
                    merged[member] = value?.DeepClone();
                return Store(KubernetesJson.Default.Deserialize<T>(System.Text.Encoding.UTF8.GetBytes(merged.ToJsonString()))!);
            },
            cancellationToken);

    public Task<bool> DeleteAsync<T>(string name, string? ns, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        CallAsync("delete", () => _objects.TryRemove((typeof(T), new NamespacedName(ns ?? "", name)), out _), cancellationToken);

    public Task<EntityList<T>> ListAsync<T>(ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ListOptions options, TimeSpan? timeout, bool sendInitialEvents, Action<UnreadableEntity>? skipped, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<T> ApplyAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<T> ApplyStatusAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotSupportedException();

    public Task<JsonObject> ApplyAsync(
        EntityMetadata type, JsonObject manifest, string fieldManager, bool force, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<IReadOnlyList<JsonObject>?> ListAsync(EntityMetadata type, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<JsonObject?> GetAsync(EntityMetadata type, string name, string? ns, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<VersionInfo> GetServerVersionAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    private static (Type, NamespacedName) Key<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta> => (typeof(T), NamespacedName.Of(entity));

    private static KubernetesException NotFound() => new(new V1Status { Code = 404, Reason = "NotFound" });

    private async Task<TResult> CallAsync<TResult>(string verb, Func<TResult> operation, CancellationToken cancellationToken)
    {
        await Before(verb, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            lock (_gate)
                return operation();
        }
        finally
        {
            Calls.Add(verb);
        }
    }

    private T Store<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        T copy = KubernetesJson.Default.Deserialize<T>(KubernetesJson.Default.Serialize(entity))!;
        copy.Metadata.ResourceVersion = (++_version).ToString(System.Globalization.CultureInfo.InvariantCulture);
        _objects[Key(copy)] = KubernetesJson.Default.Serialize(copy);
        return KubernetesJson.Default.Deserialize<T>(_objects[Key(copy)])!;
    }
}
