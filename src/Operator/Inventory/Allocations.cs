using GpuMem.Api.Nodes;
using GpuMem.Api.Pods;
using Microsoft.Extensions.Logging;

namespace GpuMem.Operator.Inventory;

/// <summary>Which GPUs are taken, from the pods that hold them. Only for people to read: whether a job fits is never decided by what is free now.</summary>
internal sealed class Allocations : ICache
{
    private const string ByNode = "by node";

    private readonly Informer<V1Pod, GpuPod> _pods;

    public Allocations(IKubernetesClient client, ILoggerFactory loggers, TimeProvider timeProvider)
    {
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

    /// <summary>GPUs of the pool that pods hold.</summary>
    public long In(PoolEntry entry) => entry.Nodes.Sum(node => _pods.Store.ByIndex(ByNode, node.Name)
        .Where(pod => pod.Gpus.ResourceName == entry.Pool.ResourceName)
        .Sum(pod => pod.Gpus.Count));
}
