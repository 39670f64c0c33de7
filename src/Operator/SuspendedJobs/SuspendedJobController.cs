using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GpuMem.Api;
using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Queue;
using GpuMem.Operator.Launching;
using GpuMem.Operator.TrainingJobs;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.SuspendedJobs;

/// <summary>
/// Somebody's own Job that is suspended and labelled with a TrainingJob gets the GPUs, selector and tolerations of the plan, also when the TrainingJob,
/// or the pool that it takes, came after it; and what holds it back from Kueue until then is taken away.
/// </summary>
internal sealed partial class SuspendedJobController(
    IKubernetesClient client,
    ClusterView cluster,
    Informer<V1Job, ChildJob> jobs,
    IEventRecorder events,
    ServerFeatures features,
    TimeProvider timeProvider,
    ILogger<SuspendedJobController> logger)
{
    private static readonly EntityMetadata JobType = EntityMetadata.Of<V1Job>();

    /// <summary>The Jobs that wait, and the TrainingJob that each names.</summary>
    private readonly ConcurrentDictionary<NamespacedName, string> _waiting = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var queue = new WorkQueue<NamespacedName>(timeProvider);
        using var stop = cancellationToken.Register(queue.ShutDown);
        void AddAll() => _waiting.Keys.ToList().ForEach(queue.Add);

        void OnJob(StoreEvent<ChildJob> change)
        {
            if (change.New is not { Waits: true, Describer: { } describer })
                _waiting.TryRemove(change.Name, out _);
            else
            {
                _waiting[change.Name] = describer;
                queue.Add(change.Name);
            }
        }

        void OnTrainingJob(StoreEvent<TrainingJob> change)
        {
            foreach (var (name, describer) in _waiting)
                if (name.Namespace == change.Name.Namespace && describer == change.Name.Name)
                    queue.Add(name);
        }

        await cluster.WaitForSyncAsync(cancellationToken);
        await jobs.WaitForSyncAsync(cancellationToken);
        cluster.InventoryChanged += AddAll;
        using var ofJobs = jobs.Subscribe(OnJob);
        using var ofTrainingJobs = cluster.Jobs.Subscribe(OnTrainingJob);
        try
        {
            while (await queue.GetAsync(cancellationToken) is { } item)
                await WorkAsync(queue, item.Value, cancellationToken);
        }
        finally
        {
            cluster.InventoryChanged -= AddAll;
        }
    }

    /// <summary>Writes what the plan says into the Job, if it still waits.</summary>
    public async Task RewriteAsync(NamespacedName name, CancellationToken cancellationToken)
    {
        if (await client.GetAsync(JobType, name.Name, name.Namespace, cancellationToken) is not { } job
            || SuspendedJobRewrite.Operations(job, cluster, features.ResourcesOfSuspendedJobs) is not { Count: > 0 } operations)
            return;
        var patch = new V1Patch(PatchOperation.ToJson(operations).ToJsonString(), V1Patch.PatchType.JsonPatch);
        try
        {
            var written = await client.PatchAsync<V1Job>(name.Name, name.Namespace, patch, FieldManagers.Launcher, cancellationToken);
            if (operations.FirstOrDefault(operation => operation.Path[^1] == ApiGroup.RewrittenAnnotation)?.Value is { } what)
                events.Publish(written, EventType.Normal, "Rewritten", "Rewrite", $"GPUs of each pod set as the plan says: {what}");
        }
        catch (KubernetesException outdated) when (IsOutdated(outdated))
        {
        }
        catch (KubernetesException refused) when (refused.IsForItsAuthor())
        {
            events.Publish(Named(job, name), EventType.Warning, "NotRewritten", "Rewrite", $"the API server refused the plan's GPUs for a suspended Job: {refused.Message}");
        }
    }

    /// <summary>The Job has changed since it was read, so that the patch's own test failed (evanphx/json-patch): what changed it has it looked at again.</summary>
    private static bool IsOutdated(KubernetesException refused) => refused.IsConflict || refused.Message.Contains("test failed", StringComparison.Ordinal);

    private static V1Job Named(JsonObject job, NamespacedName name) => new()
    {
        ApiVersion = JobType.ApiVersion,
        Kind = JobType.Kind,
        Metadata = new V1ObjectMeta { Name = name.Name, NamespaceProperty = name.Namespace, Uid = (string?)job["metadata"]?["uid"] },
    };

    private async Task WorkAsync(WorkQueue<NamespacedName> queue, NamespacedName name, CancellationToken cancellationToken)
    {
        try
        {
            await RewriteAsync(name, cancellationToken);
            queue.Forget(name);
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

    [LoggerMessage(1, LogLevel.Warning, "The suspended Job {Job} could not be given its GPUs: {Message}")]
    private partial void LogFailed(NamespacedName job, string message);
}
