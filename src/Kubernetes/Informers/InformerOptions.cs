namespace GpuMem.Kubernetes.Informers;

/// <summary>Which objects to follow, and how.</summary>
public record InformerOptions
{
    /// <summary>Null for all namespaces.</summary>
    public string? Namespace { get; init; }

    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>Objects per page when the list is not served from the API server's cache.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// Ask for the first objects as events of the watch, which costs the API server far less memory than a list; one that cannot do it
    /// (before Kubernetes 1.34 it may be switched off) is asked for a list.
    /// </summary>
    public bool StreamingList { get; init; } = true;

    /// <summary>How often subscribers are told of every object again, from memory; null for never.</summary>
    public TimeSpan? ResyncPeriod { get; init; }

    /// <summary>The same as parameters of a call; of an empty version as of none, which stands for the newest.</summary>
    internal ListOptions Selected(string? version) => new(Namespace, LabelSelector, FieldSelector, version is "" ? null : version);
}

/// <summary>The same for an informer that keeps objects of the type that it reads.</summary>
public sealed record InformerOptions<T> : InformerOptions
    where T : class
{
    /// <summary>Trims an object before it is stored. Must give the same again when applied to its own result.</summary>
    public Func<T, T>? Transform { get; init; }

    /// <summary>How an object is written: by that, debug builds find out who changes one that is shared. Null leaves it unwatched.</summary>
    public JsonTypeInfo<T>? Contract { get; init; }
}
