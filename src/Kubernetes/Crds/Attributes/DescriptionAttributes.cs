namespace GpuMem.Kubernetes.Crds;

/// <summary>What <c>kubectl explain</c> prints: what the field means, its unit, an example.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class DescriptionAttribute(string description) : Attribute
{
    public string Description { get; } = description;
}

/// <summary>The field's name for people, which forms show.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TitleAttribute(string title) : Attribute
{
    public string Title { get; } = title;
}

/// <summary>An example that tools can read; <c>kubectl explain</c> shows only descriptions.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ExampleAttribute(string example) : Attribute
{
    public string Example { get; } = example;
}
