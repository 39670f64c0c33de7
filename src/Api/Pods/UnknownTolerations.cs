namespace GpuMem.Api.Pods;

/// <summary>
/// Pods whose tolerations somebody else completes: a TrainJob's runtime, KServe's runtime, Argo's defaults, the flavor that Kueue chooses. Until then any taint
/// may be tolerated: a pool wrongly counted in can only prevent a rejection, never cause one.
/// </summary>
internal static class UnknownTolerations
{
    private static readonly V1Toleration Any = new() { OperatorProperty = "Exists" };

    /// <summary>Has the pod tolerate whatever it may.</summary>
    public static void AddTo(V1PodSpec? spec)
    {
        if (spec is not null && spec.Tolerations?.Contains(Any) != true)
            spec.Tolerations = [.. spec.Tolerations ?? [], Any];
    }
}
