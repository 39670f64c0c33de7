using System.Threading.Channels;
using GpuMem.Api.GpuPools;
using GpuMem.Api.Json;
using GpuMem.Api.ModelServers;
using GpuMem.Api.Nodes;
using GpuMem.Api.Nodes.Claims;
using GpuMem.Api.Nodes.Slices;
using GpuMem.Api.Nodes.Templates;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Api.Workloads;
using Microsoft.Extensions.Logging;

namespace GpuMem.Api.Cluster;

/// <summary>The live cluster: nodes, GpuPools, TrainingJobs and ModelServers followed by informers, and the pools made of them.</summary>
public sealed partial class ClusterView : IClusterState, ICache
{
    /// <summary>Those that describe somebody else's workload, by what they describe.</summary>
    private const string ByTarget = "by target";

    /// <summary>Those that describe somebody else's workload, by namespace.</summary>
    private const string Targeting = "targeting";

    /// <summary>Those whose model is in a ConfigMap, by what they name.</summary>
    private const string WithConfigMap = "with ConfigMap";

    /// <summary>In <see cref="Slices"/>, those of one pool of devices.</summary>
    private const string ByDevicePool = "by device pool";

    /// <summary>Autoscalers' node pools change when somebody changes them by hand.</summary>
    private static readonly TimeSpan ReadTemplatesEvery = TimeSpan.FromMinutes(1);

    private readonly LiveInventory _inventory = new();

    private readonly DeclaredPools _declared;

    private readonly TemplateLists _templates;

    /// <summary>
    /// They have been asked for once: before that a pod would be refused for want of the pool that only a template tells of. Who does not answer then is not
    /// waited for: a node pool that cannot be read must not keep us from answering.
    /// </summary>
    private readonly TaskCompletionSource _templatesAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ClaimedGpus _claimed = new();

    private readonly ClaimInformers _claims;

    private readonly OptionalKinds _optional;

    private readonly OwnerInformers? _owners;

    private readonly TimeProvider _time;

    private readonly Lock _renewing = new();

    /// <summary>Nodes came, went or changed since pools were renewed.</summary>
    private volatile bool _nodesChanged;

    /// <summary>Says that there is something to renew; once will do for all that came meanwhile.</summary>
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly Subscription<ValueList<GpuNode>> _nodesTold;

    private readonly Subscription<GpuPool> _poolsTold;

    private readonly ILogger<ClusterView> _logger;

    private readonly UsualPolicy _usual;

    /// <param name="client">The API server's.</param>
    /// <param name="loggers">Each informer has its own.</param>
    /// <param name="timeProvider">The clock.</param>
    /// <param name="usual">What is done where nothing says; default Enforce.</param>
    /// <param name="owners">Whose workloads are; null for who never ties a pod to one, and follows none.</param>
    public ClusterView(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider, UsualPolicy? usual = null, OwnerInformers? owners = null)
    {
        _owners = owners;
        _usual = usual ?? new UsualPolicy();
        _logger = loggers.CreateLogger<ClusterView>();
        _time = timeProvider;
        _optional = new OptionalKinds(client, timeProvider, _logger);
        _declared = new DeclaredPools(_inventory.Declare, HasNodes);
        _templates = new TemplateLists(client, timeProvider);
        Nodes = new Informer<V1Node, ValueList<GpuNode>>(client, new InformerOptions(), GpuNodeReader.ReadOrBare, loggers.CreateLogger<Informer<V1Node>>(), timeProvider);
        Slices = new Informer<V1ResourceSlice, Slice>(client, new InformerOptions(), Slice.Read, loggers.CreateLogger<Informer<V1ResourceSlice>>(), timeProvider);
        Slices.AddIndex(ByDevicePool, slice => [DevicePoolKey(slice)]);
        Slices.Subscribe(OnSlice);
        _claims = new ClaimInformers(client, loggers, timeProvider, () => _changes.Writer.TryWrite(true));
        Pools = new Informer<GpuPool>(client, new InformerOptions<GpuPool> { Contract = ApiJson.Default.WriteInfo<GpuPool>() }, loggers.CreateLogger<Informer<GpuPool>>(), timeProvider);
        var jobs = new InformerOptions<TrainingJob> { Transform = job => DescriptionTrim.Trim(job, job.Status?.Message, job.Status?.Conditions), Contract = ApiJson.Default.WriteInfo<TrainingJob>() };
        Jobs = new Informer<TrainingJob>(client, jobs, loggers.CreateLogger<Informer<TrainingJob>>(), timeProvider);
        var servers = new InformerOptions<ModelServer> { Transform = server => DescriptionTrim.Trim(server, server.Status?.Message, server.Status?.Conditions), Contract = ApiJson.Default.WriteInfo<ModelServer>() };
        Servers = new Informer<ModelServer>(client, servers, loggers.CreateLogger<Informer<ModelServer>>(), timeProvider);
        Namespaces = new Informer<V1Namespace, NamespacePolicy>(client, new InformerOptions { LabelSelector = ApiGroup.ModeLabel }, NamespacePolicy.Read, loggers.CreateLogger<Informer<V1Namespace>>(), timeProvider);
        Namespaces.Subscribe(OnNamespace);
        ConfigMapModels = new ConfigMapModels(client);
        _nodesTold = Nodes.Subscribe(OnNode);
        _poolsTold = Pools.Subscribe(OnPool);
        Follow(Jobs);
        Follow(Servers);
    }

    /// <summary>The pools may have changed, or what is done in a namespace: decisions may be others.</summary>
    public event Action? InventoryChanged;

    public Informer<V1Node, ValueList<GpuNode>> Nodes { get; }

    /// <summary>What drivers for dynamic resource allocation publish; followed where the server serves it and lets us. Nothing waits for it.</summary>
    public Informer<V1ResourceSlice, Slice> Slices { get; }

    public Informer<GpuPool> Pools { get; }

    public Informer<TrainingJob> Jobs { get; }

    public Informer<ModelServer> Servers { get; }

    /// <summary>Those that say what is done in them.</summary>
    public Informer<V1Namespace, NamespacePolicy> Namespaces { get; }

    public ConfigMapModels ConfigMapModels { get; }

    public IConfigMapModels ConfigMaps => ConfigMapModels;

    public IEnumerable<CacheStatus> Status => [.. Nodes.Status, .. Pools.Status, .. Jobs.Status, .. Servers.Status, .. Namespaces.Status];

    /// <summary>Empty until all nodes and pools are known; after that a moment behind what was told, so that nobody who asks waits for it.</summary>
    public PoolInventory Inventory => _inventory.Current;

    public PolicyMode ModeOf(string ns) => Namespaces.Store.Get(new NamespacedName(ns))?.Mode ?? _usual.In(ns);

    public TrainingJob? FindJob(string ns, string name) => Jobs.Store.Get(new NamespacedName(ns, name));

    public ModelServer? FindServer(string ns, string name) => Servers.Store.Get(new NamespacedName(ns, name));

    public IEnumerable<IPodDescription> WithTarget(string ns, V1OwnerReference workload)
    {
        var target = TargetKey(ns, workload.ApiVersion, workload.Kind, workload.Name);
        return Jobs.Store.ByIndex(ByTarget, target).Concat<IPodDescription>(Servers.Store.ByIndex(ByTarget, target));
    }

    public bool HasTargets(string ns) => Jobs.Store.ByIndex(Targeting, ns).Count + Servers.Store.ByIndex(Targeting, ns).Count > 0;

    /// <summary>Of what others made; null where nothing is known, and labels and names tell.</summary>
    public V1ObjectMeta? Owner(string ns, V1OwnerReference workload) => _owners?.Of(ns, workload);

    /// <summary>The pools are made of what we are told, which is later than what the stores hold.</summary>
    public async Task WaitForSyncAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_nodesTold.WaitForSyncAsync(cancellationToken), _poolsTold.WaitForSyncAsync(cancellationToken), Jobs.WaitForSyncAsync(cancellationToken), Servers.WaitForSyncAsync(cancellationToken), Namespaces.WaitForSyncAsync(cancellationToken),
            _templatesAsked.Task.WaitAsync(cancellationToken));
        Renew();
    }

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Nodes.RunAsync(cancellationToken), Pools.RunAsync(cancellationToken), Jobs.RunAsync(cancellationToken), Servers.RunAsync(cancellationToken), Namespaces.RunAsync(cancellationToken), _optional.FollowAsync(Slices, cancellationToken),
        _optional.FollowAsync(_claims.Classes, cancellationToken), _optional.FollowAsync(_claims.Templates, cancellationToken), _optional.FollowAsync(_claims.Named, cancellationToken),
        _owners?.RunAsync(cancellationToken) ?? Task.CompletedTask, FollowTemplatesAsync(cancellationToken), RenewAsync(cancellationToken));

    private static string TargetKey(string? ns, string? apiVersion, string? kind, string? name) => $"{ns}\n{WorkloadReader.Group(apiVersion)}\n{kind}\n{name}";

    /// <summary>Heartbeats and conditions change all the time, and none of it is kept.</summary>
    private void OnNode(StoreEvent<ValueList<GpuNode>> change)
    {
        if (Equals(change.Old, change.New))
            return;
        _inventory.Set(change.Name.Name, change.New);
        _nodesChanged = true;
        _changes.Writer.TryWrite(true);
    }

    private void OnNamespace(StoreEvent<NamespacePolicy> change)
    {
        if (!Equals(change.Old, change.New))
            InventoryChanged?.Invoke();
    }

    /// <summary>Read again and again, not watched: which kinds and versions there are may change while we run.</summary>
    private async Task FollowTemplatesAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                _declared.Templates(await _templates.ReadAsync(cancellationToken));
                _templatesAsked.TrySetResult();
                _changes.Writer.TryWrite(true);
                await Task.Delay(ReadTemplatesEvery, _time, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private bool HasNodes(NodeTemplate template) => Nodes.Store.List().Any(node => node is [{ IsBare: false }, ..] && template.Selects(label => node[0].Labels[label]));

    private static string DevicePoolKey(Slice slice) => $"{slice.Driver}\n{slice.Pool}";

    private void OnSlice(StoreEvent<Slice> change)
    {
        // One that has moved to another pool changes both.
        foreach (var slice in new[] { change.Old, change.New }.OfType<Slice>().DistinctBy(DevicePoolKey))
            foreach (var (node, gpus) in _claimed.Set((slice.Driver, slice.Pool), [.. Slices.Store.ByIndex(ByDevicePool, DevicePoolKey(slice)).OrderBy(one => one.Generation)]))
                _inventory.Claim(node, gpus);
        _changes.Writer.TryWrite(true);
    }

    private void OnPool(StoreEvent<GpuPool> change)
    {
        // Our own status writes leave the generation alone.
        if (change is { Old: { } old, New: { } now } && old.Generation() == now.Generation())
            return;
        _declared.Own(change.Name.Name, change.New);
        _changes.Writer.TryWrite(true);
    }

    private void Follow<T>(Informer<T> descriptions)
        where T : class, IPodDescription
    {
        descriptions.AddIndex(ByTarget, description => description.TargetRef is { } target ? [TargetKey(description.Namespace(), target.ApiVersion, target.Kind, target.Name)] : []);
        descriptions.AddIndex(Targeting, description => description.TargetRef is not null ? [description.Namespace() ?? ""] : []);
        descriptions.AddIndex(WithConfigMap, description => ConfigMapModels.NameOf(description) is { } name ? [name] : []);
        descriptions.Subscribe(ForgetConfigMap);
        descriptions.Subscribe(change =>
        {
            if (change.New?.TargetRef is not null)
                _owners?.Want();
        });
    }

    private void ForgetConfigMap<T>(StoreEvent<T> change)
        where T : class, IPodDescription
    {
        if (change.Old is { } old && ConfigMapModels.NameOf(old) is { } name && Jobs.Store.ByIndex(WithConfigMap, name).Count + Servers.Store.ByIndex(WithConfigMap, name).Count == 0)
            ConfigMapModels.Forget(old);
    }

    /// <summary>Pools are renewed here and not by who asks: a review must not pay for a node that came.</summary>
    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WaitForSyncAsync(cancellationToken);
            LogSynced(Inventory.Entries.Count, Jobs.Store.Count, Servers.Store.Count);
            await foreach (var _ in _changes.Reader.ReadAllAsync(cancellationToken))
                Renew();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end that was asked for.
        }
    }

    private void Renew()
    {
        lock (_renewing)
        {
            try
            {
                if (_nodesChanged)
                {
                    _nodesChanged = false;
                    _declared.NodesChanged();
                }

                if (_claims.Changed() is { } asked)
                    _inventory.Ask(asked);
                if (_inventory.Renew())
                    InventoryChanged?.Invoke();
            }
            catch (Exception fault)
            {
                // A fault of ours. The pools stay as they were, and are looked at again with the next change.
                LogNotRenewed(fault);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The cluster is known: {Pools} GPU pools, {Jobs} TrainingJobs, {Servers} ModelServers")]
    private partial void LogSynced(int pools, int jobs, int servers);

    [LoggerMessage(2, LogLevel.Error, "The GPU pools could not be worked out, and stay as they were until the next change")]
    private partial void LogNotRenewed(Exception fault);
}
