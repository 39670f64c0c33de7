namespace GpuMem.Kubernetes.Models;

/// <summary>Enough to ask whether a custom resource is installed.</summary>
[KubernetesEntity(
    Group = "apiextensions.k8s.io", ApiVersion = "v1", Kind = "CustomResourceDefinition", PluralName = "customresourcedefinitions")]
/// <summary>A kind that somebody added to the API; that it exists is all we ask.</summary>
[EntityScope(EntityScope.Cluster)]
public sealed class V1CustomResourceDefinition : KubernetesObject;
