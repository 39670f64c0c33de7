namespace GpuMem.Kubernetes.Crds;

/// <summary>How server-side apply merges a list.</summary>
public enum XListType
{
    /// <summary>As a whole; what the API server does by default.</summary>
    Atomic,

    /// <summary>Item by item; no two may be equal.</summary>
    Set,

    /// <summary>Item by item; items with the same keys are the same item.</summary>
    Map,
}

/// <summary>Says how server-side apply merges a list.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListTypeAttribute(XListType listType) : Attribute
{
    public XListType ListType { get; } = listType;
}

/// <summary>The fields that tell the items of a <see cref="XListType.Map"/> apart.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class XListMapKeysAttribute(params string[] keys) : Attribute
{
    public string[] Keys { get; } = keys;
}

/// <summary>
/// Server-side apply takes an object of this type as one value, with one owner, and <c>managedFields</c> names it once instead of each of its
/// fields: for what one writer always writes whole.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class XMapTypeAtomicAttribute : Attribute;
