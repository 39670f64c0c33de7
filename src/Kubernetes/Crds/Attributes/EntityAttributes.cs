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

/// <summary>The version in which objects are stored, where an entity has several.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class StorageVersionAttribute : Attribute;

/// <summary>Lets <c>kubectl scale</c> and autoscalers set a count of replicas.</summary>
/// <param name="specReplicasPath">Replicas wanted, <c>.spec.replicas</c>.</param>
/// <param name="statusReplicasPath">Replicas there are, <c>.status.replicas</c>.</param>
/// <param name="labelSelectorPath">Selector of their pods as text, <c>.status.selector</c>; autoscalers need it.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ScaleSubresourceAttribute(string specReplicasPath, string statusReplicasPath, string? labelSelectorPath = null) : Attribute
{
    public string SpecReplicasPath { get; } = specReplicasPath;

    public string StatusReplicasPath { get; } = statusReplicasPath;

    public string? LabelSelectorPath { get; } = labelSelectorPath;
}
