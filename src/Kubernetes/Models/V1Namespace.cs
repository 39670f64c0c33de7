namespace GpuMem.Kubernetes.Models;

/// <summary>A space for names; its labels choose how strict we are in it.</summary>
[KubernetesEntity(ApiVersion = "v1", Kind = "Namespace", PluralName = "namespaces")]
[EntityScope(EntityScope.Cluster)]
public sealed class V1Namespace : KubernetesObject;
