using GpuMem.Api.Cluster;
using GpuMem.Kubernetes.Queue;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.ModelServers;
using GpuMem.Operator.SuspendedJobs;
using GpuMem.Operator.TrainingJobs;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>What the leader does: acts on TrainingJobs and ModelServers, publishes GpuPools, sends events.</summary>
internal sealed partial class OperatorWork(
    IKubernetesClient client,
    ClusterView cluster,
    Informer<V1Job, ChildJob> jobs,
    Informer<V1Deployment, ChildServer> deployments,
    Allocations allocations,
    TimeProvider timeProvider,
    ILoggerFactory loggers) : ILeaderTask
{
    /// <summary>A reconciliation is mostly waiting for the API server.</summary>
    private const int Workers = 4;

    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(2);

    private readonly ILogger<OperatorWork> _logger = loggers.CreateLogger<OperatorWork>();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        LogActing();
        var instance = $"{Environment.MachineName}_{Environment.ProcessId}";
        var events = new EventRecorder(client, "gpumem.io/operator", instance, loggers.CreateLogger<EventRecorder>(), timeProvider);
        var features = await FeaturesAsync(cancellationToken);
        var training = new TrainingJobController(client, cluster, allocations, jobs.Store, events, features, timeProvider, loggers.CreateLogger<TrainingJobController>());
        var serving = new ModelServerController(client, cluster, deployments.Store, events, timeProvider, loggers.CreateLogger<ModelServerController>());
        var pools = new PoolPublisher(client, cluster, allocations, timeProvider, loggers.CreateLogger<PoolPublisher>());
        var suspended = new SuspendedJobController(client, cluster, jobs, events, features, timeProvider, loggers.CreateLogger<SuspendedJobController>());
        await SideBySide.RunAsync(
            [
                cancelled => ActAsync(cluster.Jobs, training, training.CatchUp, jobs, cancelled),
                cancelled => ActAsync(cluster.Servers, serving, serving.CatchUp, deployments, cancelled),
                suspended.RunAsync,
                pools.RunAsync,
                events.RunAsync,
            ],
            cancellationToken);
    }

    /// <summary>Looks at each object when it, one of its children, or the pools have changed.</summary>
    private async Task ActAsync<T, TEntity, TChild>(
        Informer<T> objects, IEntityController<T> controller, Action<StoreEvent<T>> catchUp, Informer<TEntity, TChild> children, CancellationToken cancellationToken)
        where T : class, k8s.IKubernetesObject<V1ObjectMeta>
        where TEntity : class, k8s.IKubernetesObject<V1ObjectMeta>
        where TChild : class
    {
        var loop = new ControllerLoop<T>(
            objects,
            controller,
            new ControllerOptions { Workers = Workers, WaitFor = [cluster.WaitForSyncAsync, children.WaitForSyncAsync] },
            loggers.CreateLogger<ControllerLoop<T>>(),
            timeProvider);

        void PlanAllAgain()
        {
            foreach (var entity in objects.Store.List())
                loop.Enqueue(NamespacedName.Of(entity), Priority.Low);
        }

        cluster.InventoryChanged += PlanAllAgain;
        try
        {
            // Those that are there already are looked at with their owners.
            using var subscription = children.Subscribe(change =>
            {
                if (!change.IsReplay)
                    loop.Enqueue(change.Name);
            });
            using var own = objects.Subscribe(catchUp);
            await loop.RunAsync(cancellationToken);
        }
        finally
        {
            cluster.InventoryChanged -= PlanAllAgain;
        }
    }

    /// <summary>An API server that does not answer now is no reason to end: the next process would know no more, and start with empty caches.</summary>
    private async Task<ServerFeatures> FeaturesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return ServerFeatures.Of(await client.GetServerVersionAsync(cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogNoVersion(failure.Message, AskAgainAfter.TotalSeconds);
                await Task.Delay(AskAgainAfter, timeProvider, cancellationToken);
            }
        }
    }

    [LoggerMessage(1, LogLevel.Information, "Acting on TrainingJobs, ModelServers and GpuPools")]
    private partial void LogActing();

    [LoggerMessage(2, LogLevel.Warning, "The API server does not tell its version: {Message}; trying again in {Seconds} s")]
    private partial void LogNoVersion(string message, double seconds);
}
