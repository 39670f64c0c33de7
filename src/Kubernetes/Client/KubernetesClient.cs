using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GpuMem.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace GpuMem.Kubernetes;

/// <summary>The API over HTTP.</summary>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    public KubernetesClient(
        KubernetesClientConfiguration configuration,
        IJsonTypeInfoResolver[]? resolvers = null,
        ILogger<KubernetesClient>? logger = null,
        TimeProvider? timeProvider = null) => throw new NotImplementedException();

    public Uri Host => throw new NotImplementedException();

    public Task<T?> GetAsync<T>(string name, string? ns, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<EntityList<T>> ListAsync<T>(
        string? ns,
        string? labelSelector,
        string? fieldSelector,
        string? resourceVersion,
        int? limit,
        string? continueToken,
        CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        string? ns,
        string? resourceVersion,
        string? labelSelector,
        string? fieldSelector,
        TimeSpan? timeout,
        bool bookmarks,
        [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        await Task.FromException(new NotImplementedException());
        yield break;
    }

    public Task<T> CreateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<T> CreateAsync<T>(T entity, bool dryRun, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<T> UpdateAsync<T>(T entity, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<T> ApplyAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<T> ApplyStatusAsync<T>(T entity, string fieldManager, bool force, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<T> PatchAsync<T>(string name, string? ns, V1Patch patch, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<bool> DeleteAsync<T>(string name, string? ns, string? propagationPolicy, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta> => throw new NotImplementedException();

    public Task<JsonObject?> GetAsync(EntityMetadata type, string name, string? ns, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<JsonObject> ApplyAsync(
        EntityMetadata type, JsonObject manifest, string fieldManager, bool force, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    public Task<VersionInfo> GetServerVersionAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    public void Dispose()
    {
    }
}
