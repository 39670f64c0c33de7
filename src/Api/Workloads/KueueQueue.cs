namespace GpuMem.Api.Workloads;

/// <summary>
/// What Kueue admits. The labels and tolerations of the flavor that it chooses are put into the pods only when it starts them (kueue pkg/podset, Merge), so
/// that before no taint is known to keep them from a node.
/// </summary>
internal static class KueueQueue
{
    /// <summary>On a workload, or on a pod that is one: the queue that it waits in.</summary>
    public const string Label = "kueue.x-k8s.io/queue-name";

    /// <summary>It waits in a queue.</summary>
    public static bool Admits(V1ObjectMeta? metadata) => metadata?.Labels?.ContainsKey(Label) == true;
}
