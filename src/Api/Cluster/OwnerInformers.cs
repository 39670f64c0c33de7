using GpuMem.Api.Workloads;
using k8s;
using Microsoft.Extensions.Logging;

namespace GpuMem.Api.Cluster;

/// <summary>
/// Whose the workloads are that others make, so that a pod is tied to what its author applied whatever its owners are called. Their metadata is followed
/// as soon as some TrainingJob or ModelServer describes the workload of somebody else: before that nobody asks. Nothing waits for it, and where a kind
/// is not served, or hidden from us, labels and names tell.
/// </summary>
public sealed class OwnerInformers
{
    private readonly OptionalKinds _optional;

    private readonly Dictionary<(string? Group, string Kind), IEntityStore<V1ObjectMeta>> _stores = [];

    private readonly List<Func<CancellationToken, Task>> _followed = [];

    private readonly TaskCompletionSource _wanted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OwnerInformers(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        _optional = new OptionalKinds(client, timeProvider, loggers.CreateLogger<OwnerInformers>());
        Follow<OwnedReplicaSet>();
        Follow<OwnedDeployment>();
        Follow<OwnedStatefulSet>();
        Follow<OwnedJob>();
        Follow<OwnedJobSet>();
        Follow<OwnedRayCluster>();
        Follow<OwnedLeaderWorkerSet>();
        Follow<OwnedPyTorchJob>();

        void Follow<T>()
            where T : OwnedWorkload
        {
            var informer = new Informer<T, V1ObjectMeta>(client, new InformerOptions(), Owned, loggers.CreateLogger<Informer<T>>(), timeProvider);
            var kind = EntityMetadata.Of<T>();
            _stores[(kind.Group, kind.Kind)] = informer.Store;
            _followed.Add(cancelled => _optional.FollowAsync(informer, cancelled));
        }
    }

    /// <summary>The owner of a workload; null when it has none, or is not known.</summary>
    public V1ObjectMeta? Of(string ns, V1OwnerReference workload) =>
        _stores.GetValueOrDefault((WorkloadReader.Group(workload.ApiVersion), workload.Kind ?? ""))?.Get(new NamespacedName(ns, workload.Name ?? ""));

    /// <summary>Some description names the workload of somebody else.</summary>
    public void Want() => _wanted.TrySetResult();

    /// <summary>Ends only when cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _wanted.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }

        await Task.WhenAll(_followed.Select(follow => follow(cancellationToken)));
    }

    private static V1ObjectMeta? Owned(OwnedWorkload workload) => workload.GetController() is { } owner ? new V1ObjectMeta { OwnerReferences = [owner] } : null;
}
