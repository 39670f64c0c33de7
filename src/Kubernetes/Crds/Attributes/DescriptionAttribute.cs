namespace GpuMem.Kubernetes.Crds;

/// <summary>What <c>kubectl explain</c> prints: what the field means, its unit, an example.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class DescriptionAttribute(string description) : Attribute
{
    public string Description { get; } = description;
}
