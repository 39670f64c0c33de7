using GpuMem.Api.Cluster;
using GpuMem.Api.Pods;
using GpuMem.Kubernetes.Controllers;

namespace GpuMem.Webhook;

/// <summary>Reads the ConfigMap that a TrainingJob or ModelServer names when it appears or changes, and now and then, so that no review has to.</summary>
internal sealed class ConfigMapModelController<T>(ConfigMapModels models) : IEntityController<T>
    where T : class, IPodDescription
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    public async Task<ReconciliationResult<T>> ReconcileAsync(T entity, CancellationToken cancellationToken)
    {
        if (entity.Model?.ConfigMapKeyRef is null)
            return ReconciliationResult<T>.Success(entity);
        await models.RefreshAsync(entity, cancellationToken);
        return ReconciliationResult<T>.Success(entity, ReadAgainAfter);
    }

    public Task<ReconciliationResult<T>> DeletedAsync(T entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<T>.Success(entity));
}
