using GpuMem.Api.Cluster;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Kubernetes.Queue;
using GpuMem.Operator.TrainingJobs;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.Inventory;

/// <summary>
/// Makes the pools visible: a GpuPool for each set of like nodes, with what the nodes say in its status. An object that an administrator
/// wrote is never changed but for its status; one that we made goes when its last node goes.
/// </summary>
internal sealed partial class PoolPublisher(
    IKubernetesClient client, ClusterView cluster, Allocations allocations, TimeProvider timeProvider, ILogger<PoolPublisher> logger)
{
    /// <summary>On a GpuPool that we made.</summary>
    private const string DiscoveredLabel = "gpumem.io/discovered";

    /// <summary>In the queue, in place of a name.</summary>
    private const string EveryPool = "";

    /// <summary>Pods of a job start together, so what they take is written once.</summary>
    private static readonly TimeSpan AllocationDelay = TimeSpan.FromSeconds(1);

    /// <summary>What was written last, by pool, and the version that it was written over.</summary>
    private readonly Dictionary<string, (string? Over, GpuPoolStatus Status)> _written = new(StringComparer.Ordinal);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<string>(timeProvider);
        using var stop = cancellationToken.Register(queue.ShutDown);
        // What pools there are is worked out once for all nodes that come together.
        void AddAll() => queue.Add(EveryPool);

        void AddAllSoon()
        {
            foreach (var pool in cluster.Inventory.Pools)
                queue.AddAfter(pool.Name, AllocationDelay);
        }

        cluster.InventoryChanged += AddAll;
        using var pods = allocations.Subscribe(AddAllSoon);
        try
        {
            AddAll();
            while (await queue.GetAsync(cancellationToken) is { } item)
                await WorkAsync(queue, item.Value, cancellationToken);
        }
        finally
        {
            cluster.InventoryChanged -= AddAll;
        }
    }

    private async Task WorkAsync(WorkQueue<string> queue, string name, CancellationToken cancellationToken)
    {
        try
        {
            if (name == EveryPool)
                foreach (var pool in cluster.Inventory.Pools.Select(pool => pool.Name).Union(cluster.Pools.Store.List().Select(pool => pool.Name()!)))
                    queue.Add(pool);
            else
                await PublishAsync(name, cancellationToken);
            queue.Forget(name);
        }
        catch (KubernetesException changed) when (changed.IsConflict || changed.IsAlreadyExists)
        {
            // Somebody, or we, wrote it a moment ago and the cache does not know yet: just look again.
            queue.AddRateLimited(name);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(name, error.Message);
            queue.AddRateLimited(name, error is KubernetesException { RetryAfter: { } asked } ? asked : TimeSpan.Zero);
        }
        finally
        {
            queue.Done(name);
        }
    }

    private async Task PublishAsync(string name, CancellationToken cancellationToken)
    {
        var entry = cluster.Inventory.Find(name);
        var existing = cluster.Pools.Store.Get(new NamespacedName(name)) is { } cached ? WithOwnWrite(cached) : null;
        if (entry is null)
        {
            if (existing is null)
                _written.Remove(name);
            if (existing is not null && IsOursAlone(existing))
                await client.DeleteAsync(existing, cancellationToken: cancellationToken);
            else if (existing is not null)
                await ReportAsync(existing, Incomplete(existing), cancellationToken);
            return;
        }
        // Created, not applied: one that an administrator wrote a moment ago must not get our label.
        existing ??= await client.CreateAsync(
            new GpuPool { Metadata = new V1ObjectMeta { Name = name, Labels = new Dictionary<string, string> { [DiscoveredLabel] = "true" } } }, cancellationToken);
        await ReportAsync(existing, Status(entry, existing), cancellationToken);
    }

    /// <summary>The cache learns of our own write later than of other things; until then what was written counts, so that it is not written again.</summary>
    private GpuPool WithOwnWrite(GpuPool cached) => _written.TryGetValue(cached.Name()!, out var written) && written.Over == cached.ResourceVersion()
        ? new GpuPool { Metadata = cached.Metadata, Spec = cached.Spec, Status = written.Status }
        : cached;

    private static bool IsOursAlone(GpuPool pool) =>
        pool.GetLabel(DiscoveredLabel) == "true" && ApiJson.Default.Serialize(pool.Spec ?? new GpuPoolSpec()).AsSpan().SequenceEqual("{}"u8);

    private async Task ReportAsync(GpuPool pool, GpuPoolStatus status, CancellationToken cancellationToken)
    {
        if (ApiJson.Default.Serialize(pool.Status ?? new GpuPoolStatus()).AsSpan().SequenceEqual(ApiJson.Default.Serialize(status)))
            return;
        var report = new GpuPool { Metadata = new V1ObjectMeta { Name = pool.Name() }, Status = status };
        await client.ApplyStatusAsync(report, FieldManagers.Controller, force: true, cancellationToken);
        _written[pool.Name()!] = (pool.ResourceVersion(), status);
    }

    private GpuPoolStatus Status(PoolEntry entry, GpuPool existing)
    {
        var conditions = new Conditions(existing.Status?.Conditions, existing.Generation(), timeProvider.GetUtcNow());
        if (entry.Pool.UsableMemory is null)
            conditions.Set("CapacityKnown", false, "MemoryUnknown", entry.Reason ?? "");
        else
            conditions.Set("CapacityKnown", true, entry.Source.ToString(), entry.Reason ?? "every node tells its memory");
        if (entry.Conflict is { } conflict)
            conditions.Set("Conflicting", true, "DeclaredOtherwise", conflict);
        return new GpuPoolStatus
        {
            ObservedGeneration = existing.Generation(),
            ResourceName = entry.Pool.ResourceName,
            Product = entry.Pool.Product,
            MemoryPerGPU = entry.Pool.UsableMemory is { } usable ? StatusText.Quantity(usable) : null,
            Nodes = entry.Nodes.Count,
            Gpus = entry.Gpus,
            Allocated = allocations.In(entry),
            Source = entry.Source.ToString(),
            Heterogeneous = entry.Pool.Heterogeneous,
            Conditions = conditions.List,
        };
    }

    private GpuPoolStatus Incomplete(GpuPool pool)
    {
        var conditions = new Conditions(pool.Status?.Conditions, pool.Generation(), timeProvider.GetUtcNow());
        conditions.Set("CapacityKnown", false, "NoNodes", "no node belongs to this pool; to plan for it before it has one, declare spec.product and spec.gpusPerNode");
        return new GpuPoolStatus { ObservedGeneration = pool.Generation(), Nodes = 0, Gpus = 0, Conditions = conditions.List };
    }

    [LoggerMessage(1, LogLevel.Warning, "GpuPool {Name} could not be written: {Message}; trying again")]
    private partial void LogFailed(string name, string message);
}
