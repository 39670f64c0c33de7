using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace GpuMem.Kubernetes.Models;

/// <summary>
/// An amount such as <c>80Gi</c>, <c>500m</c> or <c>1e3</c>. As upstream: at most 2^63-1 in magnitude (larger is capped) and
/// nine decimal places (finer is rounded away from zero). Equality and order go by amount; the notation is kept for writing.
/// </summary>
[JsonConverter(typeof(ResourceQuantityConverter))]
public readonly struct ResourceQuantity : IEquatable<ResourceQuantity>, IComparable<ResourceQuantity>
{
    private readonly decimal _amount;

    public ResourceQuantity(decimal amount, QuantityNotation notation = QuantityNotation.DecimalSI)
    {
        _amount = QuantityParser.Bound(amount);
        Notation = notation;
    }

    public QuantityNotation Notation { get; }

    public static ResourceQuantity Parse(string text) =>
        QuantityParser.TryParse(text, out ResourceQuantity value, out string? error) ? value : throw new FormatException(error);

    public static bool TryParse([NotNullWhen(true)] string? text, out ResourceQuantity value) =>
        QuantityParser.TryParse(text, out value, out _);

    public decimal ToDecimal() => _amount;

    /// <summary>Fractions round away from zero, as upstream's <c>Value()</c>: half a byte needs a byte.</summary>
    public long ToInt64() => (long)(_amount < 0 ? decimal.Floor(_amount) : decimal.Ceiling(_amount));

    /// <summary>The one spelling that equal amounts in the same notation share: <c>1024Mi</c> becomes <c>1Gi</c>.</summary>
    public string CanonicalizeString() => QuantityFormatter.Format(_amount, Notation);

    public override string ToString() => CanonicalizeString();

    public bool Equals(ResourceQuantity other) => _amount == other._amount;

    public override bool Equals(object? obj) => obj is ResourceQuantity other && Equals(other);

    public override int GetHashCode() => _amount.GetHashCode();

    public int CompareTo(ResourceQuantity other) => _amount.CompareTo(other._amount);

    public static implicit operator ResourceQuantity(string text) => Parse(text);

    public static bool operator ==(ResourceQuantity left, ResourceQuantity right) => left.Equals(right);

    public static bool operator !=(ResourceQuantity left, ResourceQuantity right) => !left.Equals(right);

    public static bool operator <(ResourceQuantity left, ResourceQuantity right) => left._amount < right._amount;

    public static bool operator >(ResourceQuantity left, ResourceQuantity right) => left._amount > right._amount;

    public static bool operator <=(ResourceQuantity left, ResourceQuantity right) => left._amount <= right._amount;

    public static bool operator >=(ResourceQuantity left, ResourceQuantity right) => left._amount >= right._amount;
}

/// <summary>Which suffixes an amount is written with.</summary>
public enum QuantityNotation
{
    /// <summary>k, M, G, …</summary>
    DecimalSI,

    /// <summary>Ki, Mi, Gi, …</summary>
    BinarySI,

    /// <summary>e3, e6, e9, …</summary>
    DecimalExponent,
}
