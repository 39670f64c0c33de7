namespace GpuMem.Kubernetes;

/// <summary>Which objects of a kind to list or to watch; the names are those of the API's ListOptions.</summary>
/// <param name="Namespace">Null for all namespaces.</param>
/// <param name="LabelSelector">Null for all.</param>
/// <param name="FieldSelector">Null for all.</param>
/// <param name="ResourceVersion">From where on to watch; how old a list may be at most.</param>
/// <param name="Limit">How many objects a page of a list may have; null for all at once.</param>
/// <param name="Continue">What the page before said in <see cref="V1ListMeta.ContinueProperty"/>.</param>
public sealed record ListOptions(
    string? Namespace = null,
    string? LabelSelector = null,
    string? FieldSelector = null,
    string? ResourceVersion = null,
    int? Limit = null,
    string? Continue = null)
{
    internal Dictionary<string, string?> Query() => new(StringComparer.Ordinal)
    {
        ["labelSelector"] = LabelSelector,
        ["fieldSelector"] = FieldSelector,
        ["resourceVersion"] = ResourceVersion,
        ["limit"] = Limit?.ToString(CultureInfo.InvariantCulture),
        ["continue"] = Continue,
    };
}
