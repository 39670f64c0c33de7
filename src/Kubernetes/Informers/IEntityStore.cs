using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Informers;

/// <summary>The objects of one kind as last heard of. Objects are shared: never change them.</summary>
public interface IEntityStore<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    int Count { get; }

    T? Get(NamespacedName name);

    /// <summary>A snapshot: later changes do not show in it.</summary>
    IReadOnlyCollection<T> List();
}
