using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.Inventory;

/// <summary>
/// Which GPUs are taken, from the pods that hold them. Whether a job fits is never decided by what is free now; of pools where it fits, one that has them free comes
/// before one where it would wait.
/// </summary>
internal sealed class Allocations : ICache
{
    private const string ByNode = "by node";

    /// <summary>Counting looks at every node and pod; of ten thousand jobs that start together each need not do so.</summary>
    private static readonly TimeSpan CountAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Informer<V1Pod, GpuPod> _pods;

    private readonly TimeProvider _timeProvider;

    private readonly Lock _gate = new();

    private (PoolInventory? Of, long At, PoolInventory Free) _told = (null, 0, PoolInventory.Empty);

    public Allocations(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _pods = new Informer<V1Pod, GpuPod>(
            client, new InformerOptions { FieldSelector = GpuPod.FieldSelector }, GpuPod.Read, loggers.CreateLogger<Informer<V1Pod>>(), timeProvider);
        _pods.AddIndex(ByNode, pod => [pod.NodeName]);
    }

    public IEnumerable<CacheStatus> Status => _pods.Status;

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _pods.WaitForSyncAsync(cancellationToken);

    /// <summary>Ends only when cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _pods.RunAsync(cancellationToken);

    /// <summary>Tells when pods took GPUs or gave them back.</summary>
    public IDisposable Subscribe(Action changed) => _pods.Subscribe(change =>
    {
        if (change.Old != change.New)
            changed();
    });

    /// <summary>The pools with what is free in each, as of a second ago at most.</summary>
    public PoolInventory Told(PoolInventory inventory)
    {
        lock (_gate)
        {
            if (!ReferenceEquals(_told.Of, inventory) || _timeProvider.GetElapsedTime(_told.At) >= CountAgainAfter)
                _told = (inventory, _timeProvider.GetTimestamp(), new FreeGpus(_pods.Store.List()).Told(inventory));
            return _told.Free;
        }
    }

    /// <summary>GPUs of the pool that pods hold.</summary>
    public long In(PoolEntry entry) => entry.Nodes.Sum(node => _pods.Store.ByIndex(ByNode, node.Name)
        .Where(pod => pod.Gpus.ResourceName == entry.Pool.ResourceName)
        .Sum(pod => pod.Gpus.Count));
}
