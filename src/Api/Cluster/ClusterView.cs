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

    /// <summary>The same, by what they describe.</summary>
    private const string ByTarget = "by target";

    /// <summary>TrainingJobs whose model is in a ConfigMap, by what they name.</summary>
    private const string WithConfigMap = "with ConfigMap";

    private readonly LiveInventory _inventory = new();

    private readonly IInformerSubscription _nodesTold;

    private readonly IInformerSubscription _poolsTold;

    private readonly ILogger<ClusterView> _logger;

    public ClusterView(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        _logger = loggers.CreateLogger<ClusterView>();
        Nodes = new Informer<V1Node, GpuNode>(client, new InformerOptions(), GpuNode.Read, loggers.CreateLogger<Informer<V1Node>>(), timeProvider);
        Pools = new Informer<GpuPool>(client, new InformerOptions<GpuPool> { Contract = ApiJson.Default.WriteInfo<GpuPool>() }, loggers.CreateLogger<Informer<GpuPool>>(), timeProvider);
        var jobs = new InformerOptions<TrainingJob> { Transform = JobTrim.Trim, Contract = ApiJson.Default.WriteInfo<TrainingJob>() };
        Jobs = new Informer<TrainingJob>(client, jobs, loggers.CreateLogger<Informer<TrainingJob>>(), timeProvider);
        ConfigMapModels = new ConfigMapModels(client);
        _nodesTold = Nodes.Subscribe(OnNode);
        _poolsTold = Pools.Subscribe(OnPool);
        Jobs.AddIndex(WithTarget, job => job.Spec?.TargetRef is null ? [] : [job.Namespace() ?? ""]);
        Jobs.AddIndex(ByTarget, job => job.Spec?.TargetRef is { } target ? [TargetKey(job.Namespace(), target.ApiVersion, target.Kind, target.Name)] : []);
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

    public PoolInventory Inventory => _inventory.Current;

    public TrainingJob? FindJob(string ns, string name) => Jobs.Store.Get(new NamespacedName(ns, name));

    public IEnumerable<TrainingJob> JobsWithTarget(string ns) => Jobs.Store.ByIndex(WithTarget, ns);

    public IEnumerable<TrainingJob> JobsWithTarget(string ns, V1OwnerReference target) =>
        Jobs.Store.ByIndex(ByTarget, TargetKey(ns, target.ApiVersion, target.Kind, target.Name));

    /// <summary>The pools are made of what we are told, which is later than what the stores hold.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.WhenAll(
        _nodesTold.WaitForSyncAsync(cancellationToken), _poolsTold.WaitForSyncAsync(cancellationToken), Jobs.WaitForSyncAsync(cancellationToken));

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Nodes.RunAsync(cancellationToken), Pools.RunAsync(cancellationToken), Jobs.RunAsync(cancellationToken), TellWhenSyncedAsync(cancellationToken));

    private static string TargetKey(string? ns, string? apiVersion, string? kind, string? name) => $"{ns}\n{apiVersion}\n{kind}\n{name}";

    /// <summary>Heartbeats and conditions change all the time, and none of it is kept.</summary>
    private void OnNode(StoreEvent<GpuNode> change)
    {
        if (change.Old == change.New)
            return;
        _inventory.Set(change.Name.Name, change.New);
        InventoryChanged?.Invoke();
    }

    private void OnPool(StoreEvent<GpuPool> change)
    {
        // Our own status writes leave the generation alone.
        if (change is { Old: { } old, New: { } now } && old.Generation() == now.Generation())
            return;
        _inventory.Declare(change.Name.Name, change.New);
        InventoryChanged?.Invoke();
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

    [LoggerMessage(1, LogLevel.Information, "The cluster is known: {Pools} GPU pools, {Jobs} TrainingJobs")]
    private partial void LogSynced(int pools, int jobs);
}
