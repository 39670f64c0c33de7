namespace GpuMem.Kubernetes.Crds;

/// <summary>A property that is no part of the schema.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IgnoreAttribute : Attribute;

/// <summary>An object whose fields this schema does not describe and the API server keeps as they are.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>A whole Kubernetes object: the API server checks its apiVersion, kind and metadata and keeps the rest as it is.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class EmbeddedResourceAttribute : Attribute;
