using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.LeaderElection;
using GpuMem.Kubernetes.Queue;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.TrainingJobs;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>Follows the cluster and, while it leads, acts on it. Losing the lease ends the process: a fresh one has no stale state.</summary>
internal sealed partial class OperatorService(
    OperatorOptions options,
    IKubernetesClient client,
    ClusterView cluster,
    IHostApplicationLifetime lifetime,
    TimeProvider timeProvider,
    ILoggerFactory loggers) : BackgroundService
{
    // kube-controller-manager's.
    private static readonly TimeSpan LeaseTolerance = TimeSpan.FromSeconds(20);

    private readonly ILogger<OperatorService> _logger = loggers.CreateLogger<OperatorService>();

    private readonly LeaderElector? _elector = !options.LeaderElect ? null : new LeaderElector(
        new LeaderElectionConfig(new LeaseLock(client, options.Namespace, options.LeaseName)), loggers.CreateLogger<LeaderElector>(), timeProvider);

    private readonly Informer<V1Job, ChildJob> _children = new(
        client, new InformerOptions { LabelSelector = ApiGroup.TrainingJobLabel }, ChildJob.Read, loggers.CreateLogger<Informer<V1Job>>(), timeProvider);

    private readonly Allocations _allocations = new(client, loggers, timeProvider);

    public bool IsReady => cluster.HasSynced && _children.HasSynced && _allocations.HasSynced;

    public bool IsHealthy => _elector?.IsHealthy(LeaseTolerance) ?? true;

    public IEnumerable<CacheStatus> Caches =>
        [CacheStatus.Of(cluster.Nodes), CacheStatus.Of(cluster.Pools), CacheStatus.Of(cluster.Jobs), CacheStatus.Of(_children), _allocations.Cache];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var follow = Task.WhenAll(cluster.RunAsync(stoppingToken), _children.RunAsync(stoppingToken), _allocations.RunAsync(stoppingToken));
        await Task.WhenAll(cluster.WaitForSyncAsync(stoppingToken), _children.WaitForSyncAsync(stoppingToken), _allocations.WaitForSyncAsync(stoppingToken));
        LogSynced(cluster.Inventory.Entries.Count, cluster.Jobs.Store.Count);
        if (_elector is not null)
            await LeadAsync(_elector, stoppingToken);
        else
            await ActAsync(client, stoppingToken);
        await follow;
    }

    private async Task LeadAsync(LeaderElector elector, CancellationToken stoppingToken)
    {
        // The lease itself is written through the client without a fence.
        await elector.RunUntilLeadershipLostAsync(token => ActAsync(client.Fenced(elector.IsLeader), token), stoppingToken);
        if (stoppingToken.IsCancellationRequested)
            return;
        LogLost();
        Environment.ExitCode = 1;
        lifetime.StopApplication();
    }

    private async Task ActAsync(IKubernetesClient writer, CancellationToken cancellationToken)
    {
        LogActing();
        var instance = $"{Environment.MachineName}_{Environment.ProcessId}";
        var events = new EventRecorder(writer, "gpumem.io/operator", instance, loggers.CreateLogger<EventRecorder>(), timeProvider);
        var features = ServerFeatures.Of(await writer.GetServerVersionAsync(cancellationToken));
        var controller = new TrainingJobController(writer, cluster, _children.Store, events, features, timeProvider, loggers.CreateLogger<TrainingJobController>());
        var loop = new ControllerLoop<TrainingJob>(
            cluster.Jobs,
            controller,
            new ControllerOptions { WaitFor = [cluster.WaitForSyncAsync, _children.WaitForSyncAsync] },
            loggers.CreateLogger<ControllerLoop<TrainingJob>>(),
            timeProvider);
        var pools = new PoolPublisher(writer, cluster, _allocations, timeProvider, loggers.CreateLogger<PoolPublisher>());

        void PlanAllAgain()
        {
            foreach (var job in cluster.Jobs.Store.List())
                loop.Enqueue(NamespacedName.Of(job));
        }

        cluster.InventoryChanged += PlanAllAgain;
        try
        {
            using var subscription = _children.Subscribe(change => loop.Enqueue(change.Name));
            await Task.WhenAll(loop.RunAsync(cancellationToken), pools.RunAsync(cancellationToken), events.RunAsync(cancellationToken));
        }
        finally
        {
            cluster.InventoryChanged -= PlanAllAgain;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "The cluster is known: {Pools} GPU pools, {Jobs} TrainingJobs")]
    private partial void LogSynced(int pools, int jobs);

    [LoggerMessage(2, LogLevel.Information, "Acting on TrainingJobs and GpuPools")]
    private partial void LogActing();

    [LoggerMessage(3, LogLevel.Error, "The lease is lost; ending, so that a fresh process takes over")]
    private partial void LogLost();
}
