namespace GpuMem.Api.Pods;

/// <summary>A pod that holds GPUs of a node: all that is kept of it.</summary>
/// <param name="NodeName">The node.</param>
/// <param name="Gpus">What it holds there.</param>
public sealed record GpuPod(string NodeName, PodGpus Gpus)
{
    /// <summary>Leaves most pods of a cluster on the server: those that no node has, and those that have ended and hold nothing any more.</summary>
    public const string FieldSelector = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed";

    /// <summary>Null when it holds no GPU.</summary>
    public static GpuPod? Read(V1Pod pod) =>
        pod.Spec is { NodeName: { Length: > 0 } node } spec && pod.Status?.Phase is not ("Succeeded" or "Failed") && PodGpus.Of(spec) is { ResourceName: not null } gpus
            ? new GpuPod(node, gpus)
            : null;
}
