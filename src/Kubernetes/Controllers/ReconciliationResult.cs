namespace GpuMem.Kubernetes.Controllers;

/// <summary>How a reconciliation went, and when to look again.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IKubernetesObject<V1ObjectMeta>
{
    private ReconciliationResult(TEntity entity) => Entity = entity;

    public TEntity Entity { get; }

    public bool IsSuccess { get; private init; }

    /// <summary>It failed, and would again until the object changes.</summary>
    public bool IsTerminal { get; private init; }

    public string? ErrorMessage { get; private init; }

    public Exception? Error { get; private init; }

    public TimeSpan? RequeueAfter { get; private init; }

#pragma warning disable CA1000 // The names and shape that KubeOps users know.
    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity) { IsSuccess = true, RequeueAfter = requeueAfter };

    /// <summary>Tried again with growing delays, but not before <paramref name="requeueAfter"/>.</summary>
    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string message, Exception? error = null, TimeSpan? requeueAfter = null) =>
        new(entity) { ErrorMessage = message, Error = error, RequeueAfter = requeueAfter };

    /// <summary>Not tried again before the object changes: only that can help, e.g. against a mistake in its spec.</summary>
    public static ReconciliationResult<TEntity> TerminalFailure(TEntity entity, string message, Exception? error = null) =>
        new(entity) { IsTerminal = true, ErrorMessage = message, Error = error };
#pragma warning restore CA1000
}
