namespace GpuMem.Kubernetes.Crds;

/// <summary>What people may type instead of the plural: <c>po</c> for pods.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityShortNamesAttribute(params string[] shortNames) : Attribute
{
    public string[] ShortNames { get; } = shortNames;
}

/// <summary>Groups of resources that <c>kubectl get</c> lists together, as <c>all</c>. KubeOps has no such attribute.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityCategoriesAttribute(params string[] categories) : Attribute
{
    public string[] Categories { get; } = categories;
}
