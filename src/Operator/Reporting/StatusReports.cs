using System.Collections.Concurrent;
using GpuMem.Api.Json;

namespace GpuMem.Operator.Reporting;

/// <summary>
/// Writes statuses, and remembers each until the cache has it: the cache learns of our own status later than of a child, and without this, what was
/// told is told again, and of pools that may have changed.
/// </summary>
internal sealed class StatusReports<TEntity, TSpec, TStatus>(IKubernetesClient client)
    where TEntity : CustomKubernetesEntity<TSpec, TStatus>, new()
    where TSpec : new()
    where TStatus : class, new()
{
    /// <summary>The status written last, and the version that it was written over, until the cache has a newer one.</summary>
    private readonly ConcurrentDictionary<NamespacedName, (string? Over, TStatus Status)> _written = new();

    /// <summary>The object with the status that we wrote, where the cache has not seen that yet.</summary>
    public TEntity Latest(TEntity cached) =>
        _written.TryGetValue(NamespacedName.Of(cached), out var written) && written.Over == cached.ResourceVersion()
            ? new TEntity { ApiVersion = cached.ApiVersion, Kind = cached.Kind, Metadata = cached.Metadata, Spec = cached.Spec, Status = written.Status }
            : cached;

    /// <summary>The cache has caught up with our own write. Kept until the object's next turn, thousands of statuses would wait with it.</summary>
    public void CatchUp(StoreEvent<TEntity> change)
    {
        if (_written.TryGetValue(change.Name, out var written) && change.New?.ResourceVersion() != written.Over)
            _written.TryRemove(KeyValuePair.Create(change.Name, written));
    }

    /// <summary>False when the status says it already: then nothing is written.</summary>
    public async Task<bool> WriteAsync(TEntity entity, TStatus status, CancellationToken cancellationToken)
    {
        if (IsSame(entity.Status, status))
            return false;
        var report = new TEntity { Metadata = new V1ObjectMeta { Name = entity.Name(), NamespaceProperty = entity.Namespace() }, Status = status };
        // Before it is written: the cache may hear of it sooner than we get the answer.
        _written[NamespacedName.Of(entity)] = (entity.ResourceVersion(), status);
        try
        {
            await client.ApplyStatusAsync(report, FieldManagers.Controller, force: true, cancellationToken);
            return true;
        }
        catch
        {
            _written.TryRemove(NamespacedName.Of(entity), out _);
            throw;
        }
    }

    private static bool IsSame(TStatus? old, TStatus now) => ApiJson.Default.Serialize(old ?? new TStatus()).AsSpan().SequenceEqual(ApiJson.Default.Serialize(now));
}
