using GpuMem.Api.Cluster;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Queue;
using GpuMem.Operator.Inventory;
using GpuMem.Operator.TrainingJobs;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator;

/// <summary>What the leader does: acts on TrainingJobs, publishes GpuPools, sends events.</summary>
internal sealed partial class OperatorWork(
    IKubernetesClient client, ClusterView cluster, Informer<V1Job, ChildJob> children, Allocations allocations, TimeProvider timeProvider, ILoggerFactory loggers) : ILeaderTask
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
        var controller = new TrainingJobController(client, cluster, children.Store, events, features, timeProvider, loggers.CreateLogger<TrainingJobController>());
        var loop = new ControllerLoop<TrainingJob>(
            cluster.Jobs,
            controller,
            new ControllerOptions { Workers = Workers, WaitFor = [cluster.WaitForSyncAsync, children.WaitForSyncAsync] },
            loggers.CreateLogger<ControllerLoop<TrainingJob>>(),
            timeProvider);
        var pools = new PoolPublisher(client, cluster, allocations, timeProvider, loggers.CreateLogger<PoolPublisher>());

        void PlanAllAgain()
        {
            foreach (var job in cluster.Jobs.Store.List())
                loop.Enqueue(NamespacedName.Of(job), Priority.Low);
        }

        cluster.InventoryChanged += PlanAllAgain;
        try
        {
            // Those that are there already are looked at with their jobs.
            using var subscription = children.Subscribe(change =>
            {
                if (!change.IsReplay)
                    loop.Enqueue(change.Name);
            });
            using var jobs = cluster.Jobs.Subscribe(controller.CatchUp);
            await SideBySide.RunAsync([loop.RunAsync, pools.RunAsync, events.RunAsync], cancellationToken);
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

    [LoggerMessage(1, LogLevel.Information, "Acting on TrainingJobs and GpuPools")]
    private partial void LogActing();

    [LoggerMessage(2, LogLevel.Warning, "The API server does not tell its version: {Message}; trying again in {Seconds} s")]
    private partial void LogNoVersion(string message, double seconds);
}
