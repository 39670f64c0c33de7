namespace GpuMem.Kubernetes.Models;

public sealed class V1EnvVar
{
    public string? Name { get; set; }

    public string? Value { get; set; }

    public V1EnvVarSource? ValueFrom { get; set; }
}

public sealed class V1EnvVarSource
{
    public V1ObjectFieldSelector? FieldRef { get; set; }
}

public sealed class V1ObjectFieldSelector
{
    public string? FieldPath { get; set; }
}
