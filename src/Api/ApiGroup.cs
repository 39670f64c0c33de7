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

    /// <summary>On a pod, or on what makes pods: the <c>spec</c> of a TrainingJob in YAML or JSON, where nobody wants an object of its own for it.</summary>
    public const string SpecAnnotation = "gpumem.io/spec";

    /// <summary>On a namespace: what is done in it where a TrainingJob or ModelServer does not say, Off, Warn or Enforce.</summary>
    public const string ModeLabel = "gpumem.io/mode";

    /// <summary>On a TrainingJob or ModelServer: why it is admitted although it is not expected to fit. Who writes it must have the verb <c>override</c>.</summary>
    public const string OverrideAnnotation = "gpumem.io/override";

    /// <summary>On a pod: what GpuMem rewrote, <c>nvidia.com/gpu 1→8</c>; its presence makes a second pass change nothing.</summary>
    public const string RewrittenAnnotation = "gpumem.io/rewritten";
}
