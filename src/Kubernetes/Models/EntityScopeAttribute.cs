namespace GpuMem.Kubernetes.Models;

/// <summary>Whether a resource lives in a namespace; namespaced when the attribute is absent.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope = EntityScope.Namespaced) : Attribute
{
    public EntityScope Scope { get; } = scope;

    /// <summary>Nothing but the metadata is asked for, so that nothing else crosses the wire.</summary>
    public bool MetadataOnly { get; set; }
}

/// <summary>Where a resource lives.</summary>
public enum EntityScope
{
    Namespaced,
    Cluster,
}
