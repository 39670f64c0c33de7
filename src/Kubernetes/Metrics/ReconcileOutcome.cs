namespace GpuMem.Kubernetes.Metrics;

/// <summary>How a reconciliation ended.</summary>
internal enum ReconcileOutcome
{
    Success,
    RequeueAfter,
    Error,
    TerminalError,
}
