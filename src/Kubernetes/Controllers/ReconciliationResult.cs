using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Controllers;

/// <summary>How a reconciliation went, and when to look again.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity, bool success, string? message, Exception? error, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = success;
        ErrorMessage = message;
        Error = error;
        RequeueAfter = requeueAfter;
    }

    public TEntity Entity { get; }

    public bool IsSuccess { get; }

    public string? ErrorMessage { get; }

    public Exception? Error { get; }

    public TimeSpan? RequeueAfter { get; }

#pragma warning disable CA1000 // The names and shape that KubeOps users know.
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, true, null, null, requeueAfter);

    /// <summary>Tried again with growing delays, but not before <paramref name="requeueAfter"/>.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string message, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity, false, message, error, requeueAfter);
#pragma warning restore CA1000
}
