namespace GpuMem.Kubernetes.Models;

/// <summary>One variable of a container.</summary>
public sealed class V1EnvVar
{
    public string? Name { get; set; }

    public string? Value { get; set; }

    public V1EnvVarSource? ValueFrom { get; set; }
}

/// <summary>Where a value comes from when it is not given.</summary>
public sealed class V1EnvVarSource
{
    public V1ObjectFieldSelector? FieldRef { get; set; }
}

/// <summary>A field of the pod itself.</summary>
public sealed class V1ObjectFieldSelector
{
    public string? FieldPath { get; set; }
}
