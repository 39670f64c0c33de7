using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.Nodes;
using GpuMem.Api.TrainingJobs;
using Microsoft.Extensions.Logging;

namespace GpuMem.Api.Cluster;

/// <summary>The live cluster: nodes, GpuPools and TrainingJobs followed by informers, and the pools made of them.</summary>
public sealed partial class ClusterView : IClusterState, ICache
{
    /// <summary>TrainingJobs that describe somebody else's workload, by namespace.</summary>
    private const string WithTarget = "with target";

    /// <summary>TrainingJobs whose model is in a ConfigMap, by what they name.</summary>
    private const string WithConfigMap = "with ConfigMap";

    private readonly Lock _rebuild = new();

    private readonly ILogger<ClusterView> _logger;

    private PoolInventory? _inventory;

    public ClusterView(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        _logger = loggers.CreateLogger<ClusterView>();
        Nodes = new Informer<V1Node, GpuNode>(client, new InformerOptions(), GpuNode.Read, loggers.CreateLogger<Informer<V1Node>>(), timeProvider);
        Pools = new Informer<GpuPool>(client, new InformerOptions<GpuPool> { Contract = ApiJson.Default.TypeInfo<GpuPool>() }, loggers.CreateLogger<Informer<GpuPool>>(), timeProvider);
        var jobs = new InformerOptions<TrainingJob> { Transform = JobTrim.Trim, Contract = ApiJson.Default.TypeInfo<TrainingJob>() };
        Jobs = new Informer<TrainingJob>(client, jobs, loggers.CreateLogger<Informer<TrainingJob>>(), timeProvider);
        ConfigMapModels = new ConfigMapModels(client);
        Nodes.Subscribe(OnNode);
        Pools.Subscribe(OnPool);
        Jobs.AddIndex(WithTarget, job => job.Spec?.TargetRef is null ? [] : [job.Namespace() ?? ""]);
        Jobs.AddIndex(WithConfigMap, job => ConfigMapModels.NameOf(job) is { } name ? [name] : []);
        Jobs.Subscribe(OnJob);
    }

    /// <summary>The pools may have changed; ask <see cref="Inventory"/>.</summary>
    public event Action? InventoryChanged;

    public Informer<V1Node, GpuNode> Nodes { get; }

    public Informer<GpuPool> Pools { get; }

    public Informer<TrainingJob> Jobs { get; }

    public ConfigMapModels ConfigMapModels { get; }

    public IConfigMapModels ConfigMaps => ConfigMapModels;

    public IEnumerable<CacheStatus> Status => [.. Nodes.Status, .. Pools.Status, .. Jobs.Status];

    /// <summary>Made again at the first question after a change, so that a thousand nodes starting at once cost one rebuild.</summary>
    public PoolInventory Inventory
    {
        get
        {
            if (Volatile.Read(ref _inventory) is { } current)
                return current;
            lock (_rebuild)
                return _inventory ??= InventoryBuilder.OfGpuNodes(Nodes.Store.List(), Pools.Store.List());
        }
    }

    public TrainingJob? FindJob(string ns, string name) => Jobs.Store.Get(new NamespacedName(ns, name));

    public IEnumerable<TrainingJob> JobsWithTarget(string ns) => Jobs.Store.ByIndex(WithTarget, ns);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Nodes.WaitForSyncAsync(cancellationToken), Pools.WaitForSyncAsync(cancellationToken), Jobs.WaitForSyncAsync(cancellationToken));

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Nodes.RunAsync(cancellationToken), Pools.RunAsync(cancellationToken), Jobs.RunAsync(cancellationToken), TellWhenSyncedAsync(cancellationToken));

    /// <summary>Heartbeats and conditions change all the time, and none of it is kept.</summary>
    private void OnNode(StoreEvent<GpuNode> change)
    {
        if (change.Old != change.New)
            Invalidate();
    }

    private void OnPool(StoreEvent<GpuPool> change)
    {
        // Our own status writes leave the generation alone.
        if (change is not { Old: { } old, New: { } now } || old.Generation() != now.Generation())
            Invalidate();
    }

    private void OnJob(StoreEvent<TrainingJob> change)
    {
        if (change.Old is { } old && ConfigMapModels.NameOf(old) is { } name && Jobs.Store.ByIndex(WithConfigMap, name).Count == 0)
            ConfigMapModels.Forget(old);
    }

    private async Task TellWhenSyncedAsync(CancellationToken cancellationToken)
    {
        var synced = WaitForSyncAsync(cancellationToken);
        await synced.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (synced.IsCompletedSuccessfully)
            LogSynced(Inventory.Entries.Count, Jobs.Store.Count);
    }

    private void Invalidate()
    {
        lock (_rebuild)
            _inventory = null;
        InventoryChanged?.Invoke();
    }

    [LoggerMessage(1, LogLevel.Information, "The cluster is known: {Pools} GPU pools, {Jobs} TrainingJobs")]
    private partial void LogSynced(int pools, int jobs);
}
