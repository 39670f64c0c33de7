namespace GpuMem.Kubernetes.Controllers;

/// <summary>Brings the world closer to what an object asks for. May be called any number of times for the same state.</summary>
public interface IEntityController<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>The entity comes from a shared store: never change it.</summary>
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>The object is gone; this is its last known state. A deletion before our start is never told.</summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}
