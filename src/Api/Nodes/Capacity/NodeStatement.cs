using System.Globalization;

namespace GpuMem.Api.Nodes.Capacity;

/// <summary>All that a node says: what every source reads. Written by others, so nothing here throws.</summary>
internal sealed class NodeStatement(V1Node node)
{
    private readonly IDictionary<string, string> _labels = node.Labels() ?? new Dictionary<string, string>();

    /// <summary>Null when there is none, or an empty one.</summary>
    public string? this[string label] => _labels.TryGetValue(label, out var value) && value is { Length: > 0 } ? value : null;

    /// <summary>Labels whose key begins so: what follows it, and their values.</summary>
    public IEnumerable<(string Key, string Value)> Under(string prefix) => _labels
        .Where(label => label.Key.Length > prefix.Length && label.Key.StartsWith(prefix, StringComparison.Ordinal))
        .Select(label => (label.Key[prefix.Length..], label.Value ?? ""));

    public string? Annotation(string key) => node.Annotations() is { } annotations && annotations.TryGetValue(key, out var value) && value is { Length: > 0 } ? value : null;

    /// <summary>A count; null when the label is none.</summary>
    public long? Number(string label) => Number(this[label], out var number) ? number : null;

    /// <summary>Extended resources of the node, by name.</summary>
    public IEnumerable<string> Resources => Names(node.Status?.Allocatable).Union(Names(node.Status?.Capacity), StringComparer.Ordinal);

    /// <summary>How many pods can ask for: what is allocatable or, while the plugin is away, what the node had.</summary>
    public long Offers(string resource) => Amount(node.Status?.Allocatable, resource) is > 0 and var now ? now : Amount(node.Status?.Capacity, resource);

    public bool IsAllocatable(string resource) => Amount(node.Status?.Allocatable, resource) > 0;

    /// <summary>How many there are, those that are broken today included.</summary>
    public long Has(string resource) => Math.Max(Amount(node.Status?.Capacity, resource), Amount(node.Status?.Allocatable, resource));

    public static bool Number(string? text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static IEnumerable<string> Names(IDictionary<string, ResourceQuantity>? amounts) => amounts?.Keys ?? Enumerable.Empty<string>();

    private static long Amount(IDictionary<string, ResourceQuantity>? amounts, string resource) =>
        amounts is not null && amounts.TryGetValue(resource, out var quantity) && quantity is not null ? Math.Max(0, quantity.Value()) : 0;
}
