namespace GpuMem.Kubernetes.Crds;

/// <summary>What <c>kubectl explain</c> prints: what the field means, its unit, an example.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property)]
public sealed class DescriptionAttribute(string text) : Attribute
{
    public string Text { get; } = text;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class RequiredAttribute : Attribute;

[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regex) : Attribute
{
    public string Regex { get; } = regex;
}

/// <summary>Bounds of a string's length. Every string is bounded: the API server refuses CEL rules whose cost it cannot bound.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LengthAttribute(int min, int max) : Attribute
{
    public int Min { get; } = min;

    public int Max { get; } = max;
}

[AttributeUsage(AttributeTargets.Property)]
public sealed class RangeAttribute(long min, long max) : Attribute
{
    public long Min { get; } = min;

    public long Max { get; } = max;
}

/// <summary>The most items of a list, or keys of a map.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsAttribute(int max) : Attribute
{
    public int Max { get; } = max;

    /// <summary>The longest string item, or map value.</summary>
    public int MaxLength { get; init; } = 253;
}

/// <summary>A CEL rule (Kubernetes 1.29 and later; older servers ignore it) on a type or a field.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Property, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(string rule, string message) : Attribute
{
    public string Rule { get; } = rule;

    public string Message { get; } = message;
}

/// <summary>A list that server-side apply merges item by item, by this key.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ListMapKeyAttribute(string key) : Attribute
{
    public string Key { get; } = key;
}

/// <summary>An object whose fields this schema does not describe and the API server keeps as they are.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>A column of <c>kubectl get</c>.</summary>
/// <param name="name">The heading.</param>
/// <param name="jsonPath">Where the value stands, <c>.status.phase</c>.</param>
/// <param name="type"><c>string</c>, <c>integer</c> or <c>date</c>.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class PrinterColumnAttribute(string name, string jsonPath, string type = "string") : Attribute
{
    public string Name { get; } = name;

    public string JsonPath { get; } = jsonPath;

    public string Type { get; } = type;

    /// <summary>0 is always shown, 1 only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }

    public string? Description { get; init; }
}

[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityNamesAttribute : Attribute
{
    public string[] ShortNames { get; init; } = [];

    public string[] Categories { get; init; } = [];
}
