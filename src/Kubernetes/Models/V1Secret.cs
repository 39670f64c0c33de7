namespace GpuMem.Kubernetes.Models;

/// <summary>Small confidential data by key.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Secret", PluralName = "secrets")]
public sealed class V1Secret : KubernetesObject
{
    public string? Type { get; set; }

    public bool? Immutable { get; set; }

    public IDictionary<string, byte[]>? Data { get; set; }
}
