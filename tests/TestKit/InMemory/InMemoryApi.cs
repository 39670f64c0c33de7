using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuMem.Api.Json;
using GpuMem.Kubernetes;
using GpuMem.Kubernetes.Models;
using k8s.Models;

namespace GpuMem.TestKit.InMemory;

/// <summary>
/// An API server's storage without the server: versions, generations, conflicts, server-side apply, lists and watches. Keeps raw JSON, as the
/// real one does, so that what is written is what is read.
/// </summary>
public sealed class InMemoryApi : IKubernetesClient
{
    private static readonly string[] ServerSet = ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"];

    private readonly Lock _gate = new();
    private readonly Dictionary<Key, JsonObject> _objects = [];
    private readonly Dictionary<(Key, string), JsonObject> _applied = [];
    private readonly List<(Key Key, WatchEventType Type, JsonObject Object)> _history = [];
    private readonly List<string> _calls = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Uri Host { get; } = new("https://in-memory");

    /// <summary>Called with each call, <c>apply jobs team-a/x</c>, before it is done; what it throws is what the caller gets.</summary>
    public Action<string> OnCall { get; set; } = _ => { };

    /// <summary>Answers <c>create subjectaccessreviews</c>.</summary>
    public bool AllowsEverything { get; set; } = true;

    /// <summary>The version of everything, from which a watch can begin.</summary>
    public string Version
    {
        get
        {
            lock (_gate)
                return _history.Count.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What was written so far, in order, <c>apply jobs team-a/x</c>; reads are left out.</summary>
    public IReadOnlyList<string> Writes
    {
        get
        {
            lock (_gate)
                return [.. _calls.Where(call => !call.StartsWith("get ", StringComparison.Ordinal) && !call.StartsWith("list ", StringComparison.Ordinal))];
        }
    }

    public static KubernetesException Refusal(int code, string reason, string message = "refused") =>
        new(new V1Status { Code = code, Reason = reason, Message = message });

    public JsonObject? Raw<T>(string name, string? ns = null)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(new Key(EntityMetadata.Of<T>().Plural, ns ?? "", name))?.DeepClone().AsObject();
    }

    public Task<T?> GetAsync<T>(string name, string? ns, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta> => Task.FromResult(Get(EntityMetadata.Of<T>(), name, ns) is { } found ? Read<T>(found) : null);

    public Task<EntityList<T>> ListAsync<T>(ListOptions? options, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            Call("list", new Key(EntityMetadata.Of<T>().Plural, options?.Namespace ?? "", ""));
            var items = _objects.Where(entry => IsOf<T>(entry.Key, options?.Namespace) && Selects(options?.LabelSelector, entry.Value)).Select(entry => Read<T>(entry.Value));
            return Task.FromResult(new EntityList<T> { Metadata = new V1ListMeta { ResourceVersion = Version }, Items = [.. items] });
        }
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ListOptions options,
        TimeSpan? timeout,
        bool sendInitialEvents,
        Action<UnreadableEntity>? skipped,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        // As a server on which streaming lists are switched off.
        if (sendInitialEvents)
            throw new KubernetesException(new V1Status { Code = 422, Reason = "Invalid", Message = "sendInitialEvents is forbidden" });
        for (var next = int.Parse(options.ResourceVersion!, CultureInfo.InvariantCulture); ; next++)
        {
            (Key Key, WatchEventType Type, JsonObject Object)? change = null;
            while (change is null)
            {
                Task changed;
                lock (_gate)
                {
                    change = next < _history.Count ? _history[next] : null;
                    changed = _changed.Task;
                }
                if (change is null)
                    await changed.WaitAsync(cancellationToken);
            }
            if (IsOf<T>(change.Value.Key, options.Namespace) && Selects(options.LabelSelector, change.Value.Object))
                yield return new WatchEvent<T>(change.Value.Type, Read<T>(change.Value.Object));
        }
    }

    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            var key = Key.Of(entity);
            Call("create", key);
            if (entity is V1SubjectAccessReview review)
            {
                review.Status = new V1SubjectAccessReviewStatus { Allowed = AllowsEverything };
                return Task.FromResult(entity);
            }
            return _objects.ContainsKey(key) ? throw Refusal(409, "AlreadyExists") : Task.FromResult(Read<T>(Store(key, Json(entity))));
        }
    }

    public Task<T> UpdateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            var key = Key.Of(entity);
            Call("update", key);
            if (entity.ResourceVersion() is { } version && version != Stored(key)["metadata"]!["resourceVersion"]!.GetValue<string>())
                throw Refusal(409, "Conflict");
            return Task.FromResult(Read<T>(Store(key, Json(entity))));
        }
    }

    public Task<T> ApplyAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        var manifest = Json(entity);
        manifest.Remove("status");
        return Task.FromResult(Read<T>(Apply(Key.Of(entity), manifest, fieldManager, "apply")));
    }

    public Task<T> ApplyStatusAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            var key = Key.Of(entity);
            if (!_objects.ContainsKey(key))
                throw Refusal(404, "NotFound");
            return Task.FromResult(Read<T>(Apply(key, new JsonObject { ["status"] = Json(entity)["status"]?.DeepClone() }, fieldManager, "apply-status")));
        }
    }

    public Task<JsonObject> ApplyAsync(EntityMetadata type, JsonObject manifest, string fieldManager, bool force, CancellationToken cancellationToken)
    {
        var metadata = manifest["metadata"]!;
        var key = new Key(type.Plural, metadata["namespace"]?.GetValue<string>() ?? "", metadata["name"]!.GetValue<string>());
        return Task.FromResult(Apply(key, manifest, fieldManager, "apply"));
    }

    public Task<T> PatchAsync<T>(string name, string? ns, V1Patch patch, string? fieldManager = null, CancellationToken cancellationToken = default)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            var key = new Key(EntityMetadata.Of<T>().Plural, ns ?? "", name);
            Call("patch", key);
            var changed = Stored(key).DeepClone().AsObject();
            var body = JsonNode.Parse((string)patch.Content)!;
            if (body is JsonArray operations)
                return Merging.Patch(changed, operations) ? Task.FromResult(Read<T>(Store(key, changed))) : throw Refusal(422, "Invalid", "a test failed");
            if (body["metadata"]?["resourceVersion"] is { } version && !JsonNode.DeepEquals(version, changed["metadata"]!["resourceVersion"]))
                throw Refusal(409, "Conflict");
            Merging.Merge(changed, body.AsObject());
            return Task.FromResult(Read<T>(Store(key, changed)));
        }
    }

    public Task<bool> DeleteAsync<T>(string name, string? ns, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
    {
        lock (_gate)
        {
            var key = new Key(EntityMetadata.Of<T>().Plural, ns ?? "", name);
            Call("delete", key);
            if (!_objects.Remove(key, out var gone))
                return Task.FromResult(false);
            Tell(key, WatchEventType.Deleted, gone);
            return Task.FromResult(true);
        }
    }

    public Task<VersionInfo> GetServerVersionAsync(CancellationToken cancellationToken) => Task.FromResult(new VersionInfo { GitVersion = "v1.36.0" });

    public Task<JsonObject?> GetAsync(EntityMetadata type, string name, string? ns, CancellationToken cancellationToken) => Task.FromResult(Get(type, name, ns));

    public Task<IReadOnlyList<JsonObject>?> ListAsync(EntityMetadata type, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            Call("list", new Key(type.Plural, "", ""));
            JsonObject[] all = [.. _objects.Where(stored => stored.Key.Plural == type.Plural && stored.Value["apiVersion"]?.GetValue<string>() == type.ApiVersion).Select(stored => stored.Value.DeepClone().AsObject())];
            return Task.FromResult<IReadOnlyList<JsonObject>?>(all.Length == 0 ? null : all);
        }
    }

    private JsonObject? Get(EntityMetadata type, string name, string? ns)
    {
        lock (_gate)
        {
            var key = new Key(type.Plural, ns ?? "", name);
            Call("get", key);
            return _objects.GetValueOrDefault(key)?.DeepClone().AsObject();
        }
    }

    private JsonObject Apply(Key key, JsonObject manifest, string manager, string verb)
    {
        lock (_gate)
        {
            Call(verb, key);
            var wanted = manifest.DeepClone().AsObject();
            foreach (var member in ServerSet)
                (wanted["metadata"] as JsonObject)?.Remove(member);
            var changed = _objects.GetValueOrDefault(key)?.DeepClone().AsObject() ?? [];
            Merging.Apply(changed, wanted, _applied.GetValueOrDefault((key, $"{verb} {manager}")));
            _applied[(key, $"{verb} {manager}")] = wanted;
            return Store(key, changed);
        }
    }

    private JsonObject Store(Key key, JsonObject now)
    {
        var old = _objects.GetValueOrDefault(key);
        if (JsonNode.DeepEquals(old, now))
            return now.DeepClone().AsObject();
        if (now["metadata"] is not JsonObject metadata)
            now["metadata"] = metadata = [];
        metadata["uid"] = old?["metadata"]!["uid"]!.DeepClone() ?? metadata["uid"]?.DeepClone() ?? JsonValue.Create($"{Guid.NewGuid()}");
        var generation = old?["metadata"]!["generation"]!.GetValue<long>() ?? 0;
        metadata["generation"] = old is not null && JsonNode.DeepEquals(old["spec"], now["spec"]) ? generation : generation + 1;
        metadata["resourceVersion"] = (_history.Count + 1).ToString(CultureInfo.InvariantCulture);
        _objects[key] = now;
        Tell(key, old is null ? WatchEventType.Added : WatchEventType.Modified, now);
        return now.DeepClone().AsObject();
    }

    private JsonObject Stored(Key key) => _objects.GetValueOrDefault(key) ?? throw Refusal(404, "NotFound", $"{key} not found");

    private void Tell(Key key, WatchEventType type, JsonObject entity)
    {
        _history.Add((key, type, entity.DeepClone().AsObject()));
        _changed.TrySetResult();
        _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private void Call(string verb, Key key)
    {
        var call = $"{verb} {key}";
        OnCall(call);
        _calls.Add(call);
    }

    private static bool IsOf<T>(Key key, string? ns) => key.Plural == EntityMetadata.Of<T>().Plural && (ns is null || key.Namespace == ns);

    private static bool Selects(string? label, JsonObject entity) => label is null || entity["metadata"]?["labels"]?[label] is not null;

    private static JsonObject Json<T>(T entity)
    {
        var json = JsonSerializer.SerializeToNode(entity, ApiJson.Default.WriteInfo<T>())!.AsObject();
        var type = EntityMetadata.Of<T>();
        (json["apiVersion"], json["kind"]) = (type.ApiVersion, type.Kind);
        return json;
    }

    private static T Read<T>(JsonObject json) => ApiJson.Default.Deserialize<T>(Encoding.UTF8.GetBytes(json.ToJsonString()))!;

    private readonly record struct Key(string Plural, string Namespace, string Name)
    {
        public static Key Of<T>(T entity)
            where T : k8s.IKubernetesObject<V1ObjectMeta> => new(EntityMetadata.Of<T>().Plural, entity.Namespace() ?? "", entity.Name() ?? "");

        public override string ToString() => Namespace.Length == 0 ? $"{Plural} {Name}" : $"{Plural} {Namespace}/{Name}";
    }
}
