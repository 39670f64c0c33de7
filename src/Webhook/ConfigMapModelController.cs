using GpuMem.Api.Cluster;
using GpuMem.Api.TrainingJobs;
using GpuMem.Kubernetes.Controllers;

namespace GpuMem.Webhook;

/// <summary>Reads the ConfigMap that a TrainingJob names when the job appears or changes, and now and then, so that no review has to.</summary>
internal sealed class ConfigMapModelController(ConfigMapModels models) : IEntityController<TrainingJob>
{
    private static readonly TimeSpan ReadAgainAfter = TimeSpan.FromMinutes(1);

    public async Task<ReconciliationResult<TrainingJob>> ReconcileAsync(TrainingJob entity, CancellationToken cancellationToken)
    {
        if (entity.Spec.Model?.ConfigMapKeyRef is null)
            return ReconciliationResult<TrainingJob>.Success(entity);
        await models.RefreshAsync(entity, cancellationToken);
        return ReconciliationResult<TrainingJob>.Success(entity, ReadAgainAfter);
    }

    public Task<ReconciliationResult<TrainingJob>> DeletedAsync(TrainingJob entity, CancellationToken cancellationToken) =>
        Task.FromResult(ReconciliationResult<TrainingJob>.Success(entity));
}
