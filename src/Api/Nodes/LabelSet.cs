using System.Diagnostics.CodeAnalysis;

namespace GpuMem.Api.Nodes;

/// <summary>A node's labels in 16 bytes each: thousands of nodes share most of their strings, and a hash table of each would outweigh them.</summary>
public sealed class LabelSet : IEquatable<LabelSet>
{
    private static readonly Comparer<KeyValuePair<string, string>> Order = Comparer<KeyValuePair<string, string>>.Create(ByKey);

    private readonly KeyValuePair<string, string>[] _sorted;

    public LabelSet(IDictionary<string, string>? labels)
    {
        _sorted = labels is null ? [] : [.. labels];
        Array.Sort(_sorted, ByKey);
    }

    /// <summary>Ordered by key.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Pairs => _sorted;

    /// <summary>Null when there is no such label.</summary>
    public string? this[string key]
    {
        get
        {
            var at = Array.BinarySearch(_sorted, KeyValuePair.Create(key, ""), Order);
            return at < 0 ? null : _sorted[at].Value;
        }
    }

    public bool Equals([NotNullWhen(true)] LabelSet? other) => other is not null && _sorted.AsSpan().SequenceEqual(other._sorted);

    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    public override int GetHashCode() => _sorted.Length == 0 ? 0 : HashCode.Combine(_sorted.Length, _sorted[0], _sorted[^1]);

    private static int ByKey(KeyValuePair<string, string> left, KeyValuePair<string, string> right) => string.CompareOrdinal(left.Key, right.Key);
}
