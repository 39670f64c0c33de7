using GpuMem.Kubernetes.Models;

namespace GpuMem.Kubernetes.Informers;

/// <summary>Which objects to follow, and how much of each to keep.</summary>
public sealed record InformerOptions<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Null for all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Trims an object before it is stored. Must give the same again when applied to its own result.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>Objects per page when the list is not served from the API server's cache.</summary>
    public int PageSize { get; init; } = 500;
}
