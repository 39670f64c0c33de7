using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging.Abstractions;

namespace GpuMem.Kubernetes;

/// <summary>The API over HTTP.</summary>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private static readonly TimeSpan WatchTimeout = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly KubernetesJson _json;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ApiTransport _transport;
    private readonly Func<bool>? _mayWrite;
    private long _unreadable;

    public KubernetesClient(
        KubernetesClientConfiguration configuration,
        IJsonTypeInfoResolver[]? resolvers = null,
        ILogger<KubernetesClient>? logger = null,
        TimeProvider? timeProvider = null)
    {
        _json = resolvers is null ? KubernetesJson.Default : new KubernetesJson(resolvers);
        _logger = logger ?? NullLogger<KubernetesClient>.Instance;
        _time = timeProvider ?? TimeProvider.System;
        _transport = new ApiTransport(configuration, _logger, _time);
    }

    private KubernetesClient(KubernetesClient shared, Func<bool> mayWrite)
    {
        _json = shared._json;
        _logger = shared._logger;
        _time = shared._time;
        _transport = shared._transport;
        _mayWrite = mayWrite;
    }

    public Uri Host => _transport.Host;

    /// <summary>How many objects of lists and watches were skipped because our model could not read them.</summary>
    public long Unreadable => Interlocked.Read(ref _unreadable);

    /// <inheritdoc />
    public IKubernetesClient Fenced(Func<bool> mayWrite) =>
        new KubernetesClient(this, _mayWrite is { } already ? () => already() && mayWrite() : mayWrite);

    public Task<T?> GetAsync<T>(string name, string? ns = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        NullWhenNotFound(SendAsync<T>(new ApiRequest(HttpMethod.Get, EntityMetadata.Of<T>().ObjectPath(name, ns)), cancellationToken));

    public Task<EntityList<T>> ListAsync<T>(ListOptions? options = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        ListAsync<T, T>(entity => entity, options ?? new ListOptions(), once: false, cancellationToken);

    public async Task<EntityList<TKept>> ListAsync<T, TKept>(
        Func<T, TKept?> keep, ListOptions options, bool once = false, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
        where TKept : class
    {
        EntityMetadata type = EntityMetadata.Of<T>();
        string path = QueryHelpers.AddQueryString(type.CollectionPath(options.Namespace), options.Query());
        ApiRequest request = new(HttpMethod.Get, path) { Once = once, Accept = type.Accept("PartialObjectMetadataList") };
        // The items of a list do not say what they are.
        EntityList<TKept> list = await SendAsync(request, EntityListTypeInfo.Create<T, TKept>(_json, item => keep(Named(item))), cancellationToken);
        list.Unreadable.ForEach(item => Skip(type, item));
        return list;
    }

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ListOptions options,
        TimeSpan? timeout = null,
        bool sendInitialEvents = false,
        Action<UnreadableEntity>? skipped = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        EntityMetadata type = EntityMetadata.Of<T>();
        TimeSpan asked = timeout ?? WatchTimeout;
        Dictionary<string, string?> query = options.Query();
        query["watch"] = "true";
        query["allowWatchBookmarks"] = "true";
        query["timeoutSeconds"] = ((long)asked.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        query["sendInitialEvents"] = sendInitialEvents ? "true" : null;
        query["resourceVersionMatch"] = sendInitialEvents ? "NotOlderThan" : null;
        ApiRequest request = new(HttpMethod.Get, QueryHelpers.AddQueryString(type.CollectionPath(options.Namespace), query)) { Accept = type.Accept("PartialObjectMetadata") };
        WatchEventDecoder<T> decoder = new(_json);
        using Silence silence = new(asked + WatchGrace, _time, cancellationToken);
        using HttpResponseMessage response = await silence.BreakAsync(token => _transport.OpenAsync(request, token));
        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await foreach (ReadOnlySequence<byte> line in new WatchLines(stream, silence).ReadAsync())
        {
            if (TryDecode(decoder, line, type, skipped, out WatchEvent<T> decoded))
                yield return decoded;
        }
    }

    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        EntityMetadata type = EntityMetadata.Of<T>();
        string path = type.CollectionPath(type.IsNamespaced ? NamespaceOf(entity, type) : null);
        ApiRequest request = WithEntity(new ApiRequest(HttpMethod.Post, path), entity);
        // A second event says the same as the first; anything else created twice is one too many.
        return SendAsync<T>(request with { Idempotent = entity is Eventsv1Event }, cancellationToken);
    }

    public Task<T> UpdateAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(WithEntity(new ApiRequest(HttpMethod.Put, PathOf(entity)), entity), cancellationToken);

    public Task<T> ApplyAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        V1Patch patch = new(ApplyManifest.OfEntity(entity, _json).ToJsonString(), V1Patch.PatchType.ApplyPatch);
        return SendAsync<T>(PatchRequest(PathOf(entity), patch, fieldManager, force), cancellationToken);
    }

    public Task<T> ApplyStatusAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        V1Patch patch = new(ApplyManifest.OfStatus(entity, _json).ToJsonString(), V1Patch.PatchType.ApplyPatch);
        return SendAsync<T>(PatchRequest(PathOf(entity, "status"), patch, fieldManager, force), cancellationToken);
    }

    public Task<T> PatchAsync<T>(
        string name, string? ns, V1Patch patch, string? fieldManager = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(PatchRequest(EntityMetadata.Of<T>().ObjectPath(name, ns), patch, fieldManager, force: null), cancellationToken);

    public Task<bool> DeleteAsync<T>(string name, string? ns = null, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(EntityMetadata.Of<T>().ObjectPath(name, ns), DeleteOptions.Body(seen: null), cancellationToken);

    public Task<bool> DeleteAsync<T>(T seen, CancellationToken cancellationToken = default)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        DeleteAsync(PathOf(seen), DeleteOptions.Body(DeleteOptions.Seen(seen)), cancellationToken);

    public Task<JsonObject> ApplyAsync(
        EntityMetadata type, JsonObject manifest, string fieldManager, bool force, CancellationToken cancellationToken = default)
    {
        JsonObject body = manifest.DeepClone().AsObject();
        ApplyManifest.Clean(body, type);
        string name = body["metadata"]?["name"]?.GetValue<string>() ?? throw new ArgumentException("The manifest has no name.", nameof(manifest));
        string path = type.ObjectPath(name, body["metadata"]?["namespace"]?.GetValue<string>());
        V1Patch patch = new(body.ToJsonString(), V1Patch.PatchType.ApplyPatch);
        return SendAsync<JsonObject>(PatchRequest(path, patch, fieldManager, force), cancellationToken);
    }

    public Task<JsonObject?> GetAsync(EntityMetadata type, string name, string? ns, CancellationToken cancellationToken = default) =>
        NullWhenNotFound(SendAsync<JsonObject>(new ApiRequest(HttpMethod.Get, type.ObjectPath(name, ns)), cancellationToken));

    public async Task<IReadOnlyList<JsonObject>?> ListAsync(EntityMetadata type, CancellationToken cancellationToken = default) =>
        await NullWhenNotFound(SendAsync<JsonObject>(new ApiRequest(HttpMethod.Get, type.CollectionPath(ns: null)), cancellationToken)) is { } list
            ? [.. (list["items"] as JsonArray ?? []).OfType<JsonObject>()]
            : null;

    public Task<VersionInfo> GetServerVersionAsync(CancellationToken cancellationToken = default) =>
        SendAsync<VersionInfo>(new ApiRequest(HttpMethod.Get, "version"), cancellationToken);

    /// <summary>Closes the connections, unless they are shared by <see cref="Fenced"/>: then whoever opened them does.</summary>
    public void Dispose()
    {
        if (_mayWrite is null)
            _transport.Dispose();
    }

    private static ApiRequest PatchRequest(string path, V1Patch patch, string? fieldManager, bool? force)
    {
        Dictionary<string, string?> query = new(StringComparer.Ordinal)
        {
            ["fieldManager"] = fieldManager,
            ["force"] = force switch { true => "true", false => "false", null => null },
        };
        return new ApiRequest(HttpMethod.Patch, QueryHelpers.AddQueryString(path, query))
        {
            // Of an object the serializer would leave the nulls out, which are what a merge patch deletes with.
            Body = Encoding.UTF8.GetBytes(patch.Content switch
            {
                string text => text,
                JsonNode node => node.ToJsonString(),
                _ => throw new ArgumentException("A patch is given as JSON, in text or nodes.", nameof(patch)),
            }),
            ContentType = patch.Type switch
            {
                V1Patch.PatchType.JsonPatch => "application/json-patch+json",
                V1Patch.PatchType.MergePatch => "application/merge-patch+json",
                V1Patch.PatchType.ApplyPatch => "application/apply-patch+yaml",
                _ => throw new ArgumentException($"A {patch.Type} does not do for every kind; a merge patch does.", nameof(patch)),
            },
            Idempotent = patch.Type != V1Patch.PatchType.JsonPatch,
        };
    }

    private static string PathOf<T>(T entity, string? subresource = null)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        EntityMetadata type = EntityMetadata.Of<T>();
        string name = entity.Name() ?? throw new ArgumentException($"The {type.Kind} has no name.", nameof(entity));
        return type.ObjectPath(name, entity.Namespace(), subresource);
    }

    private static string NamespaceOf<T>(T entity, EntityMetadata type)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        entity.Namespace() ?? throw new ArgumentException($"{type.Kind} '{entity.Name()}' needs a namespace.", nameof(entity));

    private static T Named<T>(T entity)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        entity.ApiVersion ??= EntityMetadata.Of<T>().ApiVersion;
        entity.Kind ??= EntityMetadata.Of<T>().Kind;
        return entity;
    }

    private static async Task<T?> NullWhenNotFound<T>(Task<T> call)
        where T : class?
    {
        try
        {
            return await call;
        }
        catch (KubernetesException missing) when (missing.IsNotFound)
        {
            return null;
        }
    }

    private async Task<bool> DeleteAsync(string path, ReadOnlyMemory<byte> options, CancellationToken cancellationToken)
    {
        ApiRequest request = new(HttpMethod.Delete, path) { Body = options, ContentType = "application/json", MayWrite = _mayWrite };
        // The answer is the object or a Status, depending on finalizers; neither is of use.
        Task<object?> gone = _transport.SendAsync(request, (_, _) => Task.FromResult<object?>(true), cancellationToken);
        return await NullWhenNotFound(gone) is not null;
    }

    private ApiRequest WithEntity<T>(ApiRequest request, T entity)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        request with { Body = _json.Serialize(Named(entity)), ContentType = "application/json" };

    private Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken) =>
        SendAsync(request, _json.ReadInfo<T>(), cancellationToken);

    private Task<T> SendAsync<T>(ApiRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        _transport.SendAsync(
            request with { MayWrite = _mayWrite },
            async (body, token) => await JsonSerializer.DeserializeAsync(body, type, token)
                ?? throw new JsonException($"{request.Method} {request.Path} was answered with null"),
            cancellationToken);

    private bool TryDecode<T>(
        WatchEventDecoder<T> decoder, ReadOnlySequence<byte> line, EntityMetadata type, Action<UnreadableEntity>? skipped, out WatchEvent<T> decoded)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            if (decoder.TryDecode(line, out decoded, out UnreadableEntity? unreadable))
                return true;
            Skip(type, unreadable!);
            skipped?.Invoke(unreadable!);
        }
        catch (JsonException malformed)
        {
            decoded = default;
            Skip(type, new UnreadableEntity(new NamespacedName(""), malformed.Message));
        }

        return false;
    }

    private void Skip(EntityMetadata type, UnreadableEntity unreadable)
    {
        Interlocked.Increment(ref _unreadable);
        _logger.SkippedObject(type.Kind, unreadable.Name, unreadable.Reason);
    }
}
