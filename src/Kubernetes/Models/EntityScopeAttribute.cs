namespace GpuMem.Kubernetes.Models;

/// <summary>Whether a resource lives in a namespace; namespaced when the attribute is absent.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class EntityScopeAttribute(EntityScope scope = EntityScope.Namespaced) : Attribute
{
    public EntityScope Scope { get; } = scope;
}

/// <summary>Where a resource lives.</summary>
public enum EntityScope
{
    Namespaced,
    Cluster,
}
