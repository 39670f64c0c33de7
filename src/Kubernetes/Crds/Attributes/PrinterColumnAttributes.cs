namespace GpuMem.Kubernetes.Crds;

/// <summary>When <c>kubectl get</c> shows a column.</summary>
public enum PrinterColumnPriority
{
    /// <summary>Always.</summary>
    StandardView,

    /// <summary>With <c>-o wide</c>.</summary>
    WideView,
}

/// <summary>A column of <c>kubectl get</c> that shows any field.</summary>
/// <param name="jsonPath">Where the value stands, <c>.status.phase</c>.</param>
/// <param name="name">The heading.</param>
/// <param name="type"><c>string</c>, <c>integer</c> or <c>date</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class GenericAdditionalPrinterColumnAttribute(string jsonPath, string name, string type) : Attribute
{
    public string JsonPath { get; } = jsonPath;

    public string Name { get; } = name;

    public string Type { get; } = type;

    public PrinterColumnPriority Priority { get; init; }

    public string? Description { get; init; }
}
