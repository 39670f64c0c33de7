namespace GpuMem.Api;

/// <summary>The names under which GpuMem is known in a cluster.</summary>
public static class ApiGroup
{
    public const string Name = "gpumem.io";

    public const string Version = "v1alpha1";

    /// <summary>On a pod: the TrainingJob in the same namespace that describes it.</summary>
    public const string TrainingJobLabel = "gpumem.io/training-job";

    /// <summary>On a pod: the ModelServer in the same namespace that describes it.</summary>
    public const string ModelServerLabel = "gpumem.io/model-server";

    /// <summary>On a pod: what GpuMem rewrote, <c>nvidia.com/gpu 1→8</c>; its presence makes a second pass change nothing.</summary>
    public const string RewrittenAnnotation = "gpumem.io/rewritten";
}
